package caddysession

import (
	"net/http"

	"github.com/seed-11312c3d/caddy-session/internal/cookies"
)

// A session's token lets whoever has it be its user, so no app behind a guard
// may see one, of whichever realm: two realms may share a host, and the browser
// sends the cookies of both.

// isCredential reports whether a cookie is not for others to see or to set: the
// realm's own and its program's other keys, by name; and what carries a token of
// any other realm of this Caddy, by its proof, so that no app loses a cookie
// which merely has the name.
func (r *Realm) isCredential(name, value string) bool {
	return r.sessionCookie.Owns(name) || r.run.IsCredential(name) || r.shared.isCredential(name, value)
}

func (s *shared) isCredential(name, value string) bool {
	for _, realm := range s.natives {
		own := realm.sessionCookie
		if realm.run.IsToken(value, name == own.Name || own.IsFormer(name)) || own.App != nil && own.App.Binds(name) {
			return true
		}
	}
	return false
}

// isOwners reports whether a cookie is for the upstream that the realm's
// sessions are of, which forward_cookie names.
func (r *Realm) isOwners(name string) bool {
	return r.sessionCookie.IsName(name) || r.run.IsCredential(name)
}

// removeCredentials takes what is not for others to see out of a request. The
// realm's own session cookie, and its program's other keys, stay where keepOwn
// says so.
func (r *Realm) removeCredentials(h http.Header, keepOwn bool) {
	cookies.RemoveIfAny(h, func(name, value string) bool {
		if keepOwn && (r.isOwners(name) || r.isFormerToken(name, value)) {
			return false
		}
		return r.isCredential(name, value)
	})
}
