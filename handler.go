package caddysession

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/seed-11312c3d/caddy-session/internal/headers"
	"github.com/seed-11312c3d/caddy-session/internal/navigation"
	"github.com/seed-11312c3d/caddy-session/internal/stream"
)

// Provision completes the guard. It touches no database.
func (g *Guard) Provision(ctx caddy.Context) (err error) {
	g.logger = ctx.Logger()
	if g.Separator == "" {
		g.Separator = ","
	}
	if err := g.provisionHeaders(); err != nil {
		return err
	}
	if err := navigation.CheckRedirect("redirect", g.Redirect); err != nil {
		return err
	}
	if g.realm, err = realmOf(ctx, g.Realm, !g.StripOnly); err != nil {
		return err
	}
	g.warnWithoutEffect()
	for _, name := range g.AppCookies {
		if g.realm.sessionCookie.Owns(name) {
			return fmt.Errorf("app_cookies: %q is the session's own cookie; name the app's", name)
		}
		if g.realm.run.IsCredential(name) {
			return fmt.Errorf("app_cookies: %q is a key of the program that the sessions are of; name the app's", name)
		}
	}
	if len(g.AppCookies) > 0 && g.realm.isForeign() && g.realm.run.CompanionKeys() == nil {
		return errors.New("app_cookies: the companion cookie needs a key, which is made of the format's secret; give the format a secret of at least 16 bytes")
	}
	g.realm.watchAppCookies(g.AppCookies)
	if server, ok := ctx.Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server); ok && !g.keepsStreams {
		server.RegisterConnContext(stream.WithLine)
	}
	return nil
}

// ServeHTTP is the life of one request.
func (g *Guard) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	// Strip before anything that can fail or return.
	repl := replacerOf(r)
	state := requestStateOf(r, repl)
	g.strip(r, state)
	headers.DropUpgrade(r.Header)
	if err := headers.CheckMethod(r); err != nil {
		w.Header()["Allow"] = []string{"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"}
		return g.realm.refuse(w, r, http.StatusMethodNotAllowed, err, "")
	}
	if g.passesWithoutSession(r) {
		return g.passStripped(w, r, state, repl, next)
	}

	// Read the cookie, find the session, decide.
	now := time.Now()
	resolved := state.resolve(g.realm, r, now)
	state.taken.Restore(g.realm, r.Header, state.arrived)
	g.realm.removeCredentials(r.Header, g.ForwardCookie)
	d := g.decide(r, state, resolved, repl)
	state.guarded = true
	g.realm.meters.Decided(d.status)
	if d.refusal != 0 && !g.Observe {
		state.expose(repl, nil)
		return g.refuse(w, r, state, d)
	}
	if d.refusal != 0 {
		g.logger.Info("observed only: the request would have been refused",
			zap.Int("status", d.refusal), zap.Error(d.err))
	}

	// Hand over, and take our names out of the answer.
	state.expose(repl, d.session)
	if d.session != nil {
		g.plan.Set(r.Header, d.values, state.takeValues())
		headers.AskNotToStore(r.Header, state.scratch.noStore[:])
		g.hidePassword(r.Header)
	}
	g.realm.guardAppCookies(r, state, d.session)
	rw := newResponse(w, g.names, g.realm, state)
	rw.identity, rw.noStore = d.session != nil, g.NoStore
	if g.ForwardCookie && g.realm.isForeign() {
		state.owners = g.realm
	}
	if d.session != nil && !g.Passive && rw.activity.Begin(g.realm.run, d.session, resolved.Token, now) {
		rw.use.Begin(&rw.activity, r)
	}
	if d.session != nil && !g.keepsStreams {
		rw.use.Cut.Begin(w, r)
		rw.underWay.Begin(g.realm.run, d.session, resolved.Token, &rw.use.Cut)
		defer rw.underWay.Over()
	}
	if err := next.ServeHTTP(rw, r); err != nil {
		rw.use.Cut.Restore()
		rw.leave()
		g.withdraw(w, r, state, repl)
		return err
	}
	rw.finish()
	return nil
}

// refuse answers a request that must not go on.
func (g *Guard) refuse(w http.ResponseWriter, r *http.Request, state *requestState, d decision) error {
	switch d.refusal {
	case http.StatusServiceUnavailable:
		return g.realm.unavailable(w, r, d.err)
	case http.StatusUnauthorized:
		state.healRefused(g.realm, w, r)
		if g.Redirect != "" && g.redirect(w, r, d.status) {
			return nil
		}
	}
	login := ""
	if g.Redirect != "" && d.refusal < http.StatusInternalServerError {
		login, _ = g.loginAddress(r) // none where that leads in a circle
	}
	return g.realm.refuse(w, r, d.refusal, d.err, login)
}

// strip takes what a client says under a managed name out of the request. A
// guard that only strips leaves what another has set.
func (g *Guard) strip(r *http.Request, s *requestState) {
	if g.StripOnly {
		g.names.Strip(r, s.managed...)
		return
	}
	g.names.Strip(r)
	s.stripped(g.names)
}

// withdraw takes the identity back after an error: the error's route may lead
// to another upstream. A guard of its own there finds the session again.
func (g *Guard) withdraw(w http.ResponseWriter, r *http.Request, s *requestState, repl *caddy.Replacer) {
	g.names.Remove(r.Header)
	s.expose(repl, nil)
	s.app, s.last.appChecked = nil, false // what answers then may be another app
	headers.MakePrivate(w.Header())
	if g.NoStore {
		headers.NoStore(w.Header())
	}
	headers.AddVary(w.Header())
}

// Interface guards
var (
	_ caddy.Provisioner           = (*Guard)(nil)
	_ caddyhttp.MiddlewareHandler = (*Guard)(nil)
)
