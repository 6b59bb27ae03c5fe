package caddysession

import (
	"fmt"
	"net/http"

	"go.uber.org/zap"

	"github.com/seed-11312c3d/caddy-session/internal/headers"
	"github.com/seed-11312c3d/caddy-session/internal/navigation"
)

// warnWithoutEffect tells of options of which one leaves the other nothing to do.
func (g *Guard) warnWithoutEffect() {
	if g.Optional && g.Redirect != "" {
		g.logger.Warn("`redirect` has no effect beside `optional`, which lets everybody through; remove one of them")
	}
	if g.Optional && g.Observe {
		g.logger.Warn("`optional` has no effect beside `observe`, which lets everybody through; remove one of them")
	}
	if g.Passive && g.realm.isForeign() {
		g.logger.Warn("`passive` has no effect in a realm of another program, whose activity is its own to note; remove it")
	}
}

// loginAddress is where a page navigation without a session is sent, with the
// address that it asked for in the query parameter return_to.
func (g *Guard) loginAddress(r *http.Request) (string, error) {
	target := replacerOf(r).ReplaceAll(g.Redirect, "")
	own, original := g.realm.origin(r), originalURL(r)
	switch {
	case !navigation.IsTarget(target):
		return "", fmt.Errorf("redirect: %q, of %q, is neither a path nor an address; begin it with / or https://", target, g.Redirect)
	case navigation.IsOwnPage(target, own, original):
		return "", fmt.Errorf("redirect: this guard protects %q, its own login page, so nobody could ever log in; exempt it: put `session_login` "+
			"into a `handle %s` before the guard's own `handle`", g.Redirect, original.Path)
	}
	return navigation.WithReturnTo(target, own, navigation.BackTo(r, original))
}

// redirect sends a page, or the form that a page has posted, to the login page,
// unless that does not help. why is for the log.
func (g *Guard) redirect(w http.ResponseWriter, r *http.Request, why string) bool {
	status := http.StatusFound
	switch {
	case navigation.IsPage(r):
	case navigation.IsForm(r):
		status = http.StatusSeeOther // whose GET the form's own page can be again
	default:
		return false
	}
	address, err := g.loginAddress(r)
	if err != nil {
		if isDue(&g.realm.warned.redirect, 60) {
			g.logger.Error("a page is answered with 401, since its visitor cannot be sent to log in", zap.Error(err))
		}
		return false
	}
	g.realm.notice(r, "a page was sent to log in", why, zap.Int("status", status))
	headers.NoStore(w.Header())
	w.Header()["Location"] = []string{address}
	w.WriteHeader(status)
	return true
}
