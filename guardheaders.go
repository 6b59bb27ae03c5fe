package caddysession

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"

	"github.com/caddyserver/caddy/v2"
	"golang.org/x/net/http/httpguts"

	"github.com/seed-11312c3d/caddy-session/internal/headers"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
	"github.com/seed-11312c3d/caddy-session/store"
)

// provisionHeaders plans the headers that the guard sets, and lists the names that
// are nobody else's to send.
func (g *Guard) provisionHeaders() error {
	if err := g.check(); err != nil {
		return err
	}
	own := make([]*headers.Header, len(g.Header))
	for i, c := range g.Header {
		var err error
		if own[i], err = headers.Parse(c.Name, c.Value, c.Encoding); err != nil {
			return err
		}
	}
	var err error
	if g.plan, err = headers.NewPlan(g.Headers, own); err != nil {
		return err
	}
	g.names, err = g.plan.Names()
	return err
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

// prepare returns what the guard makes of a session. Its error means that the
// request must not go on with that identity. Headers that depend on more than
// the session are not made yet.
func (g *Guard) prepare(r *http.Request, session *lookup.Session) (lookup.Prepared, error) {
	if known := session.PreparedFor(g.names); known != nil {
		return *known, nil
	}
	id := session.Identity()
	made := lookup.Prepared{Guard: g.names, Permitted: g.realm.hasClaims(id, g.Require)}
	if !g.plan.Dynamic {
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
	values, err := g.plan.Values(whom, g.Separator, expand, func(err error) {
		if errors.Is(err, headers.ErrItemLeftOut) {
			g.realm.event(r, "item_left_out", "an item of a list was left out", err)
			return
		}
		g.realm.event(r, "header_left_out", "a header was left out", err)
	})
	if err != nil {
		g.realm.event(r, "refused", "an identity was not sent upstream", err)
	}
	return values, err
}
