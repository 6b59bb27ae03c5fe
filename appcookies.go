package caddysession

import (
	"net/http"
	"slices"

	"github.com/seed-11312c3d/caddy-session/internal/cookies"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
)

// An app keeps sessions of its own, in cookies that a guard's app_cookies name.
// When another user logs in at the same browser, the app would go on with the
// former one's. So each of these cookies is bound to the user that the app has
// set it for, see [cookies.Binding].

// appBinding binds the app's cookies to a user; nil is nobody, who is somebody
// here. Without keys nothing is bound, and nothing can be.
func (r *Realm) appBinding(user *lookup.Session) *cookies.Binding {
	owner := ""
	if user != nil {
		owner = user.User
	}
	if keys := r.run.CompanionKeys(); keys != nil {
		return cookies.Bind(r.appCookies, keys, r.name, owner)
	}
	return &cookies.Binding{Names: r.appCookies}
}

// guardAppCookies withholds the app's cookies that are not bound to the present
// user, and has the browser forget them.
func (r *Realm) guardAppCookies(req *http.Request, s *requestState, present *lookup.Session) {
	if len(r.appCookies) == 0 || s.last.appChecked {
		return
	}
	s.last.appChecked = true
	if s.last.Status == lookup.StatusUnavailable || s.last.Status == statusInvalid {
		// Nobody knows whose they are. They do not go upstream, but a database
		// that is away must not cost the browser its cookies.
		r.withholdAppCookies(req.Header)
		return
	}
	b := r.appBinding(present)
	withheld := b.Withhold(req.Header, s.arrived)
	if b.Fits == nil {
		return
	}
	s.app = b
	for _, name := range withheld {
		s.expireAppCookie(r, b, name)
	}
}

// withholdAppCookies keeps all of the app's cookies out of a request whose user
// is not known.
func (r *Realm) withholdAppCookies(h http.Header) {
	(&cookies.Binding{Names: r.appCookies}).Withhold(h, nil)
}

// expireAppCookies has the browser forget the app's cookies at a login or a
// logout.
func (r *Realm) expireAppCookies(s *requestState) {
	b := &cookies.Binding{Names: r.appCookies}
	for _, name := range r.appCookies {
		s.expireAppCookie(r, b, name)
	}
}

func (s *requestState) expireAppCookie(r *Realm, b *cookies.Binding, name string) {
	for _, line := range b.Expire(r.sessionCookie.OfHost(), name) {
		s.addCookie(line)
	}
}

// bindAppCookies binds the app's cookies that an answer sets to the user whom
// the app has seen. Filters further out do so again, to the same end.
func (s *requestState) bindAppCookies(h http.Header) {
	if s.app == nil {
		return
	}
	lines := s.app.Lines(h["Set-Cookie"])
	for _, line := range lines {
		s.dropCookie(cookies.Name(line)) // expired a moment ago, for the user before
	}
	s.cookies = append(s.cookies, lines...) // for one name, several paths may have one each
}

// watchAppCookies has logins and logouts of this realm expire a guard's app_cookies.
func (r *Realm) watchAppCookies(names []string) {
	r.shared.mu.Lock()
	defer r.shared.mu.Unlock()
	for _, name := range names {
		if !slices.Contains(r.appCookies, name) {
			r.appCookies = append(r.appCookies, name)
		}
	}
	if len(r.appCookies) > 0 {
		r.sessionCookie.App = &cookies.Binding{Names: r.appCookies}
	}
}
