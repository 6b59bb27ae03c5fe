package caddysession

import (
	"errors"
	"net/http"

	"github.com/seed-11312c3d/caddy-session/internal/cookies"
	"github.com/seed-11312c3d/caddy-session/internal/headers"
)

// Where a login is by `user`, a browser's password prompt may stand before it
// (basic_auth). A browser sends what was typed there with every request, and
// knows no way out: the app must not see it, and after a logout the next page
// must not log the same person in without a question.

// watchPasswordPrompt notes that logins of this realm may come from a prompt.
func (r *Realm) watchPasswordPrompt() {
	r.shared.mu.Lock()
	defer r.shared.mu.Unlock()
	r.prompts = true
}

// hidePassword takes the password of a prompt out of a request that an identity
// goes upstream with.
func (g *Guard) hidePassword(h http.Header) {
	if g.realm.prompts && !g.ForwardAuthorization {
		headers.DropBasic(h)
	}
}

// forgetPassword has the next login ask again, once.
func (r *Realm) forgetPassword(s *requestState) {
	if r.prompts {
		s.addCookie(r.sessionCookie.With(r.sessionCookie.AskAgain(), "1").String())
	}
}

var errAskAgain = errors.New("the password of a session that was ended is asked for again")

// asksAgain refuses a password that a browser sends by itself after a logout, so
// that it shows its prompt.
func (r *Realm) asksAgain(w http.ResponseWriter, req *http.Request, s *requestState) bool {
	if !headers.HasBasic(req.Header) {
		return false
	}
	asks := false
	for _, name := range r.askAgainNames() {
		for range cookies.Values(s.arrived, name) {
			s.addCookie(r.sessionCookie.Expire(name))
			asks = true
		}
	}
	if asks {
		w.Header()["Www-Authenticate"] = []string{`Basic realm="restricted"`}
	}
	return asks
}
