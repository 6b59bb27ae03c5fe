package caddysession

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/seed-11312c3d/caddy-session/internal/navigation"
	"github.com/seed-11312c3d/caddy-session/internal/stream"
)

// passesWithoutSession reports whether a request goes upstream without that
// anybody asks for its session: on public paths, preflights, and where the guard
// only strips.
func (g *Guard) passesWithoutSession(r *http.Request) bool {
	return g.StripOnly || g.AllowPreflight && navigation.IsPreflight(r) || len(g.Public) > 0 && g.isPublic(r)
}

// isPublic reports whether the path as it arrived and as it is now are both
// public: an app may be told of the one or the other.
func (g *Guard) isPublic(r *http.Request) bool {
	original, _ := r.Context().Value(caddyhttp.OriginalRequestCtxKey).(http.Request)
	return navigation.PathPatterns(g.Public).MatchBoth(original.RequestURI, r.URL)
}

// passStripped lets a request through that is nobody's. Credentials and the
// app's own cookies stay out of it, and nothing is set or expired: whose they
// are was not asked. What another guard of the same request has set stays.
func (g *Guard) passStripped(w http.ResponseWriter, r *http.Request, s *requestState, repl *caddy.Replacer, next caddyhttp.Handler) error {
	if s.resolved(g.realm) == nil {
		g.realm.removeCredentials(r.Header, false)
		g.realm.withholdAppCookies(r.Header)
		s.taken.Note(g.realm, r.Header, s.first.realm != nil)
	}
	if !s.guarded {
		s.guarded = true
		s.expose(repl, nil)
	}
	rw := newResponse(w, g.names, g.realm, s)
	rw.everybodys = true
	if err := next.ServeHTTP(rw, r); err != nil {
		rw.leave()
		return err
	}
	rw.finish()
	return nil
}

// checkPassing refuses options that could not work together.
func (g *Guard) checkPassing() (err error) {
	if g.keepsStreams, err = stream.Keeps(g.Streams); err != nil {
		return err
	}
	if bad, found := navigation.PathPatterns(g.Public).Bad(); found {
		return fmt.Errorf("public: %q is no path; it must begin with `/`, may end with `*`, and has no `%%`, `;`, `\\`, `//` or dot segments", bad)
	}
	if !g.StripOnly {
		return nil
	}
	asks := g.Optional || g.Observe || g.Redirect != "" || len(g.Require) > 0 || g.ForwardCookie || g.ForwardAuthorization || len(g.Public) > 0 || g.AllowPreflight || g.NoStore || g.Passive || g.Streams != ""
	if asks {
		return errors.New("strip_only asks for no session, so nothing else can be asked of it; leave the other options out, or strip_only")
	}
	return nil
}

// stripsOnly is a guard that keeps out what this one would, where this one does
// not run.
func (g *Guard) stripsOnly() *Guard {
	return &Guard{Realm: g.Realm, Headers: g.Headers, Header: g.Header, AppCookies: g.AppCookies, StripOnly: true}
}
