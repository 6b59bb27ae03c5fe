package caddysession

import (
	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"

	"github.com/seed-11312c3d/caddy-session/internal/headers"
)

func init() {
	caddy.RegisterModule(Guard{})
}

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

	// What becomes of a request that is under way when its session ends: `end` cuts
	// its answer, or the WebSocket that it has become, with close code 1008; `keep`
	// leaves it alone. An answer that has not begun is finished in any case.
	// Default: `end`.
	Streams string `json:"streams,omitempty"`

	realm  *Realm
	plan   *headers.Plan  // of the headers that it sets
	names  *headers.Names // that are nobody else's to send
	logger *zap.Logger

	keepsStreams bool
}

// CaddyModule returns the Caddy module information.
func (Guard) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "http.handlers.session",
		New: func() caddy.Module { return new(Guard) },
	}
}

// HeaderConfig is one header that a guard sets.
type HeaderConfig struct {
	// The header's name.
	Name string `json:"name"`

	// The header's value, with placeholders. `{http.session.user}` is the user
	// id, `{http.session.claims.<name>}` a claim; lists are joined with the
	// guard's separator. An empty value leaves the header out.
	Value string `json:"value"`

	// How the value is written: `utf8` (the bytes as they are), `ascii` and
	// `latin1` (refuse what they cannot write), `percent`, `base64url`.
	// Default: `utf8`.
	Encoding string `json:"encoding,omitempty"`
}

// RequireConfig is a claim that a session must have with one of some values.
type RequireConfig struct {
	// The claim's name; `user` is the user id.
	Claim string `json:"claim"`

	// One of these must be the claim's value, or among the items of its list.
	Values []string `json:"values"`
}
