package caddysession

import (
	"net/http"

	"github.com/seed-11312c3d/caddy-session/internal/resolve"
)

// A browser that holds two cookies of the session's name, both of which this
// realm could have made, is nobody until one of them is gone. The answers that
// start or end a session, and the guard's refusals, have it forget them. Never
// the others: what this realm could not have made may be a neighbour's. Another
// program's cookies stay as well: they are that program's to set, and where it
// signs none, a value of the right form may as well be a neighbour's.

// healing returns the Set-Cookie lines that end each form of the cookie but the
// configured one, where the browser may hold several.
func (r *Realm) healing(req *http.Request, repeated bool) []string {
	if !repeated || r.isForeign() {
		return nil
	}
	return r.sessionCookie.ExpireOthers(r.origin(req).Hostname(), originalURL(req).EscapedPath())
}

// heal has a login's or logout's answer leave the browser with one cookie.
func (s *requestState) heal(realm *Realm, r *http.Request, had resolve.Presented) {
	s.cookies = append(s.cookies, realm.healing(r, had.Repeated)...)
	s.forgetFormer(realm, had)
}

// healRefused has the answer to a refused request leave the browser with none.
func (s *requestState) healRefused(realm *Realm, w http.ResponseWriter, r *http.Request) {
	if lines := realm.healing(r, s.resolved(realm).Repeated); lines != nil {
		s.leave(w.Header(), append(lines, realm.sessionCookie.Expire(realm.sessionCookie.Name)))
	}
}

// leave puts cookies of ours into the header of an answer that is somebody
// else's: an error route's, whose own guard lets them pass, as does one further
// out.
func (s *requestState) leave(h http.Header, lines []string) {
	h["Set-Cookie"] = append(h["Set-Cookie"], lines...)
	s.left = append(s.left, lines...)
}
