package caddysession

import (
	"cmp"
	"strings"

	"github.com/caddyserver/caddy/v2"

	"github.com/seed-11312c3d/caddy-session/internal/headers"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
	"github.com/seed-11312c3d/caddy-session/internal/resolve"
)

// expose shows the identity as that of Caddy's own authentication, which the
// access log and FastCGI's REMOTE_USER take it from; nobody is shown as nobody,
// whatever another module found before.
func (s *requestState) expose(repl *caddy.Replacer, shown *lookup.Session) {
	s.exposed = shown != nil
	repl.DeleteByPrefix(headers.PlaceholderAuth) // placeholder answers, unless another module sets them after us
}

// placeholder resolves the placeholders of this module.
func (s *requestState) placeholder(name string) (any, bool) {
	last := s.last
	if last == nil {
		if !s.guarded {
			return nil, false
		}
		last = &resolution{Result: resolve.Result{Status: resolve.StatusNone}} // nobody was asked for
	}
	if name == headers.PlaceholderStatus {
		return cmp.Or(s.status, last.Status), true
	}
	if field, ok := strings.CutPrefix(name, headers.PlaceholderPrefix); ok {
		return last.field(field)
	}
	claim, ok := strings.CutPrefix(name, headers.PlaceholderAuth)
	switch {
	case !ok:
		return nil, false
	case !s.exposed: // or nobody would be a user of the placeholder's name
		return "", s.guarded
	case name == headers.PlaceholderAuthUser:
		return last.field("user")
	}
	return last.field("claims." + claim)
}

func (res *resolution) field(name string) (any, bool) {
	claim, isClaim := strings.CutPrefix(name, "claims.")
	switch {
	case res.Session == nil:
		return "", isClaim || name == "user" || name == "id"
	case isClaim:
		return res.Session.Identity().Claims[claim].String(), true
	case name == "user":
		return res.Session.User, true
	case name == "id":
		return res.Session.PublicID(), true
	}
	return nil, false
}
