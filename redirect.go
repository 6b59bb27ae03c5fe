package caddysession

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/seed-11312c3d/caddy-session/internal/headers"
	"github.com/seed-11312c3d/caddy-session/internal/navigation"
)

// checkRedirect refuses a target that is no target, under its option's name.
func checkRedirect(option, target string) error {
	if target == "" {
		return nil
	}
	if err := navigation.CheckTarget(target); err != nil {
		return fmt.Errorf("%s: %w", option, err)
	}
	return nil
}

// warnWithoutEffect tells of options of which one leaves the other nothing to do.
func (g *Guard) warnWithoutEffect() {
	if g.Optional && g.Redirect != "" {
		g.logger.Warn("`redirect` has no effect beside `optional`, which lets everybody through; remove one of them")
	}
	if g.Optional && g.Observe {
		g.logger.Warn("`optional` has no effect beside `observe`, which lets everybody through; remove one of them")
	}
	if g.Passive && g.realm.isForeign() {
		g.logger.Warn("`passive` has no effect in a realm of another program, whose activity is its own to note; remove it")
	}
}

// provisionHosts has the names in the form in which requests are compared with
// them.
func (r *Realm) provisionHosts() error {
	hosts := make([]string, 0, len(r.Hosts))
	for _, host := range r.Hosts {
		if host = strings.ToLower(host); !navigation.IsHost(host) {
			return fmt.Errorf("hosts: %q is no host; write its name alone, such as app.example.com", host)
		}
		hosts = append(hosts, host)
	}
	r.Hosts = hosts
	return nil
}

// origin is the scheme and the host of a request as its client sees them.
func (r *Realm) origin(req *http.Request) navigation.Origin {
	trusted, _ := caddyhttp.GetVar(req.Context(), caddyhttp.TrustedProxyVarKey).(bool)
	return navigation.OriginOf(req, trusted, r.site())
}

// site is which hosts a session of the realm reaches.
func (r *Realm) site() navigation.Site {
	return navigation.Site{Domain: r.sessionCookie.Domain, Hosts: r.Hosts, Insecure: r.sessionCookie.Insecure}
}

// originalURL is the address that the client asked for, whatever rewrites have
// made of it.
func originalURL(r *http.Request) *url.URL {
	if original, ok := r.Context().Value(caddyhttp.OriginalRequestCtxKey).(http.Request); ok {
		return original.URL
	}
	return r.URL
}

// loginAddress is where a page navigation without a session is sent, with the
// address that it asked for in the query parameter return_to.
func (g *Guard) loginAddress(r *http.Request) (string, error) {
	target := replacerOf(r).ReplaceAll(g.Redirect, "")
	own, original := g.realm.origin(r), originalURL(r)
	switch {
	case !navigation.IsTarget(target):
		return "", fmt.Errorf("redirect: %q, of %q, is neither a path nor an address; begin it with / or https://", target, g.Redirect)
	case navigation.IsOwnPage(target, own, original):
		return "", fmt.Errorf("redirect: this guard protects %q, its own login page, so nobody could ever log in; exempt it: put `session_login` "+
			"into a `handle %s` before the guard's own `handle`", g.Redirect, original.Path)
	}
	back := original
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		if back, _ = url.Parse(navigation.FormPage(r)); back == nil { // what a form has posted cannot be asked for again
			back = &url.URL{Path: "/"}
		}
	}
	return navigation.WithReturnTo(target, own, back)
}

// redirect sends a page, or the form that a page has posted, to the login page,
// unless that does not help.
func (g *Guard) redirect(w http.ResponseWriter, r *http.Request) bool {
	status := http.StatusFound
	switch {
	case navigation.IsPage(r):
	case navigation.IsForm(r):
		status = http.StatusSeeOther // whose GET the form's own page can be again
	default:
		return false
	}
	address, err := g.loginAddress(r)
	if err != nil {
		if isDue(&g.realm.warned.redirect, 60) {
			g.logger.Error("a page is answered with 401, since its visitor cannot be sent to log in", zap.Error(err))
		}
		return false
	}
	headers.NoStore(w.Header())
	w.Header()["Location"] = []string{address}
	w.WriteHeader(status)
	return true
}

// redirectTo returns where to go after a login or logout: the first target that
// is safe and not the same page again, or else the site's root. What the
// configuration says literally is the operator's will; what placeholders say
// may be an attacker's.
func (r *Realm) redirectTo(req *http.Request, targets ...string) string {
	repl, own, original := replacerOf(req), r.origin(req), originalURL(req)
	for _, target := range targets {
		expanded := repl.ReplaceAll(target, "")
		if expanded == "" || navigation.IsOwnPage(expanded, own, original) {
			continue
		}
		escaped := navigation.EscapeTarget(expanded)
		if !strings.Contains(target, "{") || navigation.IsSafeTarget(expanded, r.site()) && len(escaped) <= navigation.MaxLocation {
			return escaped
		}
	}
	return "/"
}
