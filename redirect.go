package caddysession

import (
	"net/http"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/seed-11312c3d/caddy-session/internal/navigation"
)

// loginAddress is where a page navigation without a session is sent, with the
// address that it asked for in the query parameter return_to.
func loginAddress(r *http.Request, redirect string) string {
	original, ok := r.Context().Value(caddyhttp.OriginalRequestCtxKey).(http.Request)
	if !ok {
		original = *r
	}
	back := original.URL.RequestURI()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		back = navigation.FormPage(r) // what a form has posted cannot be asked for again
	}
	return navigation.WithReturnTo(replacerOf(r).ReplaceAll(redirect, ""), r, back)
}

// redirectTo returns where to go after a login or logout: the first target that
// is safe, or else the site's root. What the configuration says literally is
// the operator's will; what placeholders say may be an attacker's.
func redirectTo(repl *caddy.Replacer, site navigation.Site, targets ...string) string {
	for _, target := range targets {
		if target == "" {
			continue
		}
		expanded := repl.ReplaceAll(target, "")
		if !strings.Contains(target, "{") || navigation.IsSafeTarget(expanded, site) {
			return navigation.EscapeTarget(expanded)
		}
	}
	return "/"
}

// site is which other hosts a session of the realm reaches, too.
func (r *Realm) site() navigation.Site {
	return navigation.Site{Domain: r.sessionCookie.Domain, Insecure: r.sessionCookie.Insecure}
}
