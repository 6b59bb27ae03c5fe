package caddysession

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/internal/headers"
	"github.com/seed-11312c3d/caddy-session/internal/navigation"
	"github.com/seed-11312c3d/caddy-session/internal/pages"
	"github.com/seed-11312c3d/caddy-session/internal/resolve"
)

func init() {
	caddy.RegisterModule(Logout{})
}

// Logout ends the session of a POST from the same origin: the row is deleted,
// the cookie expired, and the browser sent on with 303. Without a session the
// answer is the same. GET ends nothing: a link or an image could do it.
type Logout struct {
	// The realm whose session ends. Default: `default`.
	Realm string `json:"realm,omitempty"`

	// Where to go afterwards, with placeholders. Default: `/`.
	Redirect string `json:"redirect,omitempty"`

	// End all sessions of the user, on every device.
	Everywhere bool `json:"everywhere,omitempty"`

	realm *Realm
}

// CaddyModule returns the Caddy module information.
func (Logout) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "http.handlers.session_logout",
		New: func() caddy.Module { return new(Logout) },
	}
}

// Provision completes the logout. It touches no database.
func (l *Logout) Provision(ctx caddy.Context) (err error) {
	if err := navigation.CheckRedirect("redirect", l.Redirect); err != nil {
		return err
	}
	if l.realm, err = realmOf(ctx, l.Realm, true); err != nil {
		return err
	}
	if err := l.realm.run.CanEnd(); err != nil {
		return fmt.Errorf("realm %s: %w", l.realm.name, err)
	}
	if !l.Everywhere {
		return nil
	}
	if err := l.realm.run.CanEndUser(); err != nil {
		return fmt.Errorf("everywhere: realm %s: %w", l.realm.name, err)
	}
	return nil
}

var errNoPOST = errors.New("a logout must be a POST, so that no link can do it")

// ServeHTTP ends the session. The next handlers are never called.
func (l *Logout) ServeHTTP(w http.ResponseWriter, r *http.Request, _ caddyhttp.Handler) error {
	if navigation.IsPage(r) { // legacy apps link to their logout
		pages.Logout(w)
		return nil
	}
	if r.Method != http.MethodPost {
		w.Header()["Allow"] = []string{http.MethodPost}
		return l.realm.refuse(w, r, http.StatusMethodNotAllowed, errNoPOST, "")
	}
	if !navigation.IsSameOrigin(r, l.realm.origin(r)) {
		return l.realm.refuse(w, r, http.StatusForbidden, errLogoutElsewhere, "")
	}
	state := requestStateOf(r, replacerOf(r))
	had, err := l.end(r, state)
	if err != nil {
		return l.realm.unavailable(w, r, err)
	}
	for _, name := range l.realm.sessionCookie.Names() {
		state.addCookie(l.realm.sessionCookie.Expire(name))
	}
	state.heal(l.realm, r, had)
	l.realm.expireAppCookies(state)
	l.realm.forgetPassword(state)
	rw := newResponse(w, new(headers.Names), l.realm, state)
	rw.Header()["Location"] = []string{l.realm.redirectTo(r, l.Redirect)}
	rw.WriteHeader(http.StatusSeeOther)
	return nil
}

// end deletes the rows of what the browser presented, and returns that.
func (l *Logout) end(r *http.Request, state *requestState) (had resolve.Presented, err error) {
	if err := l.realm.run.Hold(); err != nil {
		return had, err
	}
	defer l.realm.run.Release()
	if had, err = state.tokens(l.realm); err != nil {
		return had, err
	}
	ctx, cancel := l.realm.run.WriteContext(r.Context())
	defer cancel()
	for _, token := range had.Tokens {
		if err := l.endOne(ctx, token); err != nil {
			return had, err
		}
	}
	return had, nil
}

func (l *Logout) endOne(ctx context.Context, token format.Lookup) error {
	if l.Everywhere {
		return l.realm.run.EndUserOf(ctx, l.realm.clientIn(ctx), token)
	}
	return l.realm.run.EndFor(ctx, l.realm.clientIn(ctx), token)
}

// Interface guards
var (
	_ caddy.Provisioner           = (*Logout)(nil)
	_ caddyhttp.MiddlewareHandler = (*Logout)(nil)
)
