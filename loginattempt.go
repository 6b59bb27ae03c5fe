package caddysession

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"go.uber.org/zap"

	"github.com/seed-11312c3d/caddy-session/internal/headers"
	"github.com/seed-11312c3d/caddy-session/internal/identity"
	"github.com/seed-11312c3d/caddy-session/internal/resolve"
	"github.com/seed-11312c3d/caddy-session/internal/routes"
	"github.com/seed-11312c3d/caddy-session/store"
)

// loginAttempt is one login: from an identity to a session and its cookie.
type loginAttempt struct {
	login    *Login
	request  *http.Request
	state    *requestState
	replaces resolve.Presented // what the browser presented: it ends
	refused  error             // why the login that the response asked for did not begin
}

var errNobody = errors.New("nobody is logged in: the user is empty")

// begin starts a session, ends the one that the browser had, and has the
// cookie sent with the final answer.
func (e *loginAttempt) begin(id store.Identity) error {
	if id.User == "" {
		return errNobody
	}
	realm := e.login.realm
	ctx, cancel := realm.run.WriteContext(e.request.Context())
	defer cancel()
	e.leaveOutUnreadable(id)
	e.login.keep(id.Claims)
	fresh := store.NewSession{Identity: id, ClientAddr: clientAddress(e.request), UserAgent: e.request.UserAgent()}
	for i, token := range e.replaces.Tokens {
		if i == 0 {
			fresh.Replaces = &e.replaces.Tokens[0].Key
		} else if err := realm.run.End(ctx, token); err != nil {
			return err
		}
	}
	token, session, err := realm.run.Create(ctx, fresh, time.Now())
	if err != nil {
		return err
	}
	e.state.began(realm, session)
	realm.warnLost(e.request)
	e.state.addCookie(realm.sessionCookie.Set(token, time.Duration(realm.Lifetime)))
	e.state.heal(realm, e.request, e.replaces)
	realm.expireAppCookies(e.state)
	e.state.app = realm.appBinding(e.state.last.Session) // what the login page sets is theirs
	e.login.logger.Info("session started", zap.String("realm", realm.name), zap.String("id", session.ID))
	return nil
}

// leaveOutUnreadable drops claims that are no UTF-8, and says so.
func (e *loginAttempt) leaveOutUnreadable(id store.Identity) {
	for _, name := range identity.DropUnreadable(id.Claims) {
		e.login.realm.event(e.request, "claim_left_out", "a claim was left out of a login",
			fmt.Errorf("the claim %q is not valid UTF-8", name))
	}
}

// watch looks at the final answer of the login page, and logs in whom it names.
// It returns the status to answer with.
func (e *loginAttempt) watch(rw *response, status int) int {
	if status < 200 || status > 399 {
		return status
	}
	id, err := identity.HandedOver(rw.Header(), e.login.set, e.login.separator())
	if err == nil && id.User == "" {
		return status
	}
	if err == nil {
		err = e.begin(id)
	}
	switch {
	case err != nil:
		// The page's own answer may say that somebody is logged in, or set
		// cookies. An error of ours takes its place when it has all come in.
		rw.replaceBody()
		delete(rw.Header(), "Set-Cookie")
		e.refused = err
		return held
	case e.login.Redirect != "":
		rw.replaceBody()
		rw.Header()["Location"] = []string{e.target()}
		return http.StatusSeeOther
	}
	return status
}

// target is where the browser goes after the login.
func (e *loginAttempt) target() string {
	return e.login.realm.redirectTo(e.request, e.login.Redirect, e.login.Fallback)
}

// failed answers a login that did not begin.
func (e *loginAttempt) failed(w http.ResponseWriter, err error) error {
	status := e.status(err)
	if status == http.StatusServiceUnavailable {
		return e.login.realm.unavailable(w, e.request, err)
	}
	return answer(w, e.request, status, err, "")
}

func (e *loginAttempt) status(err error) int {
	switch {
	case errors.Is(err, routes.ErrNoLoginPage):
		return http.StatusBadGateway
	case errors.Is(err, errNobody):
		return http.StatusUnauthorized
	case errors.Is(err, store.ErrInvalidIdentity):
		e.login.realm.event(e.request, "refused", "a login was refused for what its identity holds", err)
		return http.StatusBadGateway
	default:
		return http.StatusServiceUnavailable
	}
}

// replaceBody drops the body of the answer, and the headers that describe it.
func (rw *response) replaceBody() {
	rw.discard = true
	headers.DropContent(rw.Header())
}
