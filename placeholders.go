package caddysession

import (
	"strings"

	"github.com/caddyserver/caddy/v2"

	"github.com/seed-11312c3d/caddy-session/internal/headers"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
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
	if s.last == nil {
		return nil, false
	}
	if name == headers.PlaceholderStatus {
		return s.status, true
	}
	if field, ok := strings.CutPrefix(name, headers.PlaceholderPrefix); ok {
		return s.last.field(field)
	}
	if claim, ok := strings.CutPrefix(name, headers.PlaceholderAuth); ok && s.exposed {
		if name == headers.PlaceholderAuthUser {
			return s.last.field("user")
		}
		return s.last.field("claims." + claim)
	}
	return nil, false
}

func (res *resolution) field(name string) (any, bool) {
	claim, isClaim := strings.CutPrefix(name, "claims.")
	switch {
	case res.session == nil:
		return "", isClaim || name == "user" || name == "id"
	case isClaim:
		return res.session.Identity().Claims[claim].String(), true
	case name == "user":
		return res.session.User, true
	case name == "id":
		return res.session.PublicID(), true
	}
	return nil, false
}
