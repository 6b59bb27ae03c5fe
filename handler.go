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
)

// Guard resolves the session cookie and hands the identity to the next
// handlers in request headers. Nothing that a client sends can become one of
// these headers.
//
// Placeholders for the handlers after it:
//
// Placeholder | Description
// ------------|------------
// `{http.session.user}` | The user id; empty without a session
// `{http.session.claims.*}` | A claim of the user; lists are joined with `,`
// `{http.session.id}` | The session's public id, safe to show
// `{http.session.status}` | Why there is a session or none: `ok`, `stale`, `none`, `malformed`, `ambiguous`, `unknown`, `expired`, `undecodable`, `anonymous`, `inactive`, `invalid`, `forbidden`, `unavailable`
// `{http.auth.user.id}`, `{http.auth.user.*}` | The identity under Caddy's own names, for the access log and FastCGI
type Guard struct {
	// The realm whose sessions count. Default: `default`.
	Realm string `json:"realm,omitempty"`

	// Let requests without a session through, with no managed header.
	Optional bool `json:"optional,omitempty"`

	// Decide and log as configured, but let every request through as
	// `optional` does: for trying a guard out.
	Observe bool `json:"observe,omitempty"`

	// Where page navigations without a session are sent, with the original
	// address in the query parameter `return_to`, and forms that were posted,
	// with the page that they stand on. Everything else gets 401. Default: 401
	// for all.
	Redirect string `json:"redirect,omitempty"`

	// What a session must have, else the answer is 403. All must hold.
	Require []RequireConfig `json:"require,omitempty"`

	// A well-known set of headers: `remote` (Remote-User, Remote-Email,
	// Remote-Name, Remote-Groups), `x-auth-request`, `x-forwarded`, `none`.
	// Those of `remote` are removed from requests in any case. Default: `remote`.
	Headers string `json:"headers,omitempty"`

	// More headers, or other values for headers of the set.
	Header []HeaderConfig `json:"header,omitempty"`

	// What joins the items of a list in a header. Default: `,`.
	Separator string `json:"separator,omitempty"`

	// Leave the session cookie in the request that goes upstream. Only for
	// upstreams that you trust with it.
	ForwardCookie bool `json:"forward_cookie,omitempty"`

	// The app's own session cookies. They are taken out of the request and
	// expired when they belong to another identity than the present one.
	AppCookies []string `json:"app_cookies,omitempty"`

	// Paths that need no session and carry no identity, and are stripped like
	// all others. Each is exact or, with a final `*`, a prefix; upper and lower
	// case differ. Both the path as it arrived and the present one must fit, and
	// a path that backends read differently (with `%`, `;`, `\`, `//`, dot
	// segments or control characters) never does. Default: none.
	Public []string `json:"public,omitempty"`

	// Let CORS preflights (OPTIONS with Origin and Access-Control-Request-Method)
	// through, stripped and without an identity.
	AllowPreflight bool `json:"allow_preflight,omitempty"`

	// Only strip: no session is asked for, and no identity handed over. It works
	// with the database down. What another guard of the same request has set
	// stays. For routes beside a guard that reach the same upstream.
	StripOnly bool `json:"strip_only,omitempty"`

	// Forbid the browser to keep pages that were made for a user (`no-store`),
	// so that the back button shows none after a logout.
	NoStore bool `json:"no_store,omitempty"`

	// Leave a password (`Authorization: Basic`) in requests that an identity goes
	// upstream with. Where logins of the realm are by `user`, it is that of a
	// browser's prompt, and taken out. For `basic_auth` behind a guard.
	ForwardAuthorization bool `json:"forward_authorization,omitempty"`

	// Count requests of this route as no activity, nor what they become: no
	// request, upload, download or WebSocket of it keeps a session from its
	// `idle_timeout`. For what a page does by itself, such as polling. Another
	// guard of the same request counts it all the same. Default: they count.
	Passive bool `json:"passive,omitempty"`

	realm   *Realm
	headers []*headers.Header
	names   *headers.Names
	dynamic bool // some header's value depends on more than the session
	logger  *zap.Logger
}

// CaddyModule returns the Caddy module information.
func (Guard) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "http.handlers.session",
		New: func() caddy.Module { return new(Guard) },
	}
}

// Provision completes the guard. It touches no database.
func (g *Guard) Provision(ctx caddy.Context) (err error) {
	g.logger = ctx.Logger()
	if g.Separator == "" {
		g.Separator = ","
	}
	if err := g.provisionHeaders(); err != nil {
		return err
	}
	if err := checkRedirect("redirect", g.Redirect); err != nil {
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
		return answer(w, r, http.StatusMethodNotAllowed, err, "")
	}
	if g.passesWithoutSession(r) {
		return g.passStripped(w, r, state, repl, next)
	}

	// Read the cookie, find the session, decide.
	now := time.Now()
	resolved := state.resolve(g.realm, r, now)
	g.realm.removeCredentials(r.Header, g.ForwardCookie)
	d := g.decide(r, state, resolved, repl)
	state.guarded = true
	g.realm.meters.decided(d.status)
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
		g.setHeaders(r.Header, d.values, state.takeValues())
		g.hidePassword(r.Header)
	}
	g.realm.guardAppCookies(r, state, d.session)
	rw := newResponse(w, g.names, g.realm, state)
	rw.identity, rw.noStore = d.session != nil, g.NoStore
	if d.session != nil && !g.Passive {
		rw.use.begin(g.realm, r, d.session, resolved.token, now)
	}
	rw.ownersCookie = g.ForwardCookie && g.realm.isForeign()
	if err := next.ServeHTTP(rw, r); err != nil {
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
		if g.Redirect != "" && g.redirect(w, r) {
			return nil
		}
	}
	login := ""
	if g.Redirect != "" && d.refusal < http.StatusInternalServerError {
		login, _ = g.loginAddress(r) // none where that leads in a circle
	}
	return answer(w, r, d.refusal, d.err, login)
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
