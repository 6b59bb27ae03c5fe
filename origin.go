package caddysession

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/seed-11312c3d/caddy-session/internal/navigation"
)

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
		r.notice(req, "a target was not taken", navigation.WhyUnsafe(expanded, r.site()), zap.String("target", navigation.Shown(expanded)))
	}
	return "/"
}

// clientAddress is the client's, as Caddy takes it to be.
func clientAddress(r *http.Request) string {
	addr, _ := caddyhttp.GetVar(r.Context(), caddyhttp.ClientIPVarKey).(string)
	return addr
}
