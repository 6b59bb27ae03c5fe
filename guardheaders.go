package caddysession

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/caddyserver/caddy/v2"
	"golang.org/x/net/http/httpguts"

	"github.com/seed-11312c3d/caddy-session/internal/headers"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
	"github.com/seed-11312c3d/caddy-session/store"
)

// provisionHeaders makes the list of headers that the guard sets, and of the
// names that are nobody else's to send.
func (g *Guard) provisionHeaders() error {
	if err := g.check(); err != nil {
		return err
	}
	set, err := headers.LookupSet(g.Headers)
	if err != nil {
		return err
	}
	g.headers, g.names = set.Headers(), new(headers.Names)
	seen := make(map[string]bool)
	for i := range g.Header {
		name := http.CanonicalHeaderKey(g.Header[i].Name)
		if seen[name] {
			return fmt.Errorf("header %s: it is set twice; keep one of them", name)
		}
		seen[name] = true
		g.headers = slices.DeleteFunc(g.headers, func(h *headers.Header) bool { return h.Name == name })
	}
	for _, c := range g.Header {
		own, err := headers.Parse(c.Name, c.Value, c.Encoding)
		if err != nil {
			return err
		}
		g.headers = append(g.headers, own)
		g.dynamic = g.dynamic || own.IsDynamic()
	}
	return g.manageNames()
}

// check refuses options that could not work, before anything is provisioned.
func (g *Guard) check() error {
	if strings.ContainsFunc(g.Separator, unicode.IsControl) {
		return fmt.Errorf("separator %q: control characters cannot stand in a header; choose a printable one", g.Separator)
	}
	for _, name := range g.AppCookies {
		if !httpguts.ValidHeaderFieldName(name) {
			return fmt.Errorf("app_cookies: %q is no cookie name", name)
		}
	}
	if err := g.checkPassing(); err != nil {
		return err
	}
	for _, need := range g.Require {
		if need.Claim == "" || len(need.Values) == 0 {
			return errors.New("require: it needs a claim and at least one value")
		}
	}
	return nil
}

// manageNames manages what this guard sets, and the set `remote` in any case,
// since that is what nearly every app trusts.
func (g *Guard) manageNames() error {
	for _, name := range headers.DefaultNames() {
		if err := g.names.Add(name); err != nil {
			return err
		}
	}
	for _, h := range g.headers {
		if err := g.names.Add(h.Name); err != nil {
			return fmt.Errorf("header: %w", err)
		}
	}
	return nil
}

// prepare returns what the guard makes of a session. Its error means that the
// request must not go on with that identity. Headers that depend on more than
// the session are not made yet.
func (g *Guard) prepare(r *http.Request, session *lookup.Session) (lookup.Prepared, error) {
	if known := session.PreparedFor(g.names); known != nil {
		return *known, nil
	}
	id := session.Identity()
	made := lookup.Prepared{Guard: g.names, Permitted: g.realm.hasClaims(id, g.Require)}
	if !g.dynamic {
		var err error
		if made.Values, err = g.values(r, id, nil); err != nil {
			return made, err
		}
	}
	session.Prepare(made)
	return made, nil
}

// values makes the values of the guard's headers for an identity.
func (g *Guard) values(r *http.Request, id store.Identity, repl *caddy.Replacer) ([]string, error) {
	expand := func(placeholder string) string { return repl.ReplaceAll(placeholder, "") }
	whom := headers.Identity{User: id.User, Foreign: g.realm.isForeign(), Claim: func(name string) ([]string, bool) {
		claim := id.Claims[name]
		return claim.Items(), claim.IsList()
	}}
	values := make([]string, len(g.headers))
	for i := range g.headers {
		value, err := g.headers[i].Value(whom, g.Separator, expand)
		switch {
		case errors.Is(err, headers.ErrItemLeftOut):
			g.realm.event(r, "item_left_out", "an item of a list was left out", err)
		case errors.Is(err, headers.ErrCannotCarry):
			g.realm.event(r, "header_left_out", "a header was left out", err)
		case err != nil:
			g.realm.event(r, "refused", "an identity was not sent upstream", err)
			return nil, err
		}
		values[i] = value
	}
	return values, nil
}

// setHeaders sets the headers that have a value. The values are copied into
// space, since handlers may change a header in place; each is a slice of the one
// copy.
func (g *Guard) setHeaders(h http.Header, values, space []string) {
	values = append(space, values...)
	for i := range g.headers {
		if values[i] != "" {
			h[g.headers[i].Name] = values[i : i+1 : i+1]
		}
	}
}
