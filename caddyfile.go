package caddysession

import (
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/seed-11312c3d/caddy-session/internal/directive"
	"github.com/seed-11312c3d/caddy-session/internal/navigation"
)

func init() {
	httpcaddyfile.RegisterGlobalOption("session", parseRealm)
	httpcaddyfile.RegisterDirective("session", parseGuard)
	httpcaddyfile.RegisterHandlerDirective("session_login", parseHandler[Login])
	httpcaddyfile.RegisterHandlerDirective("session_logout", parseHandler[Logout])
	// A logout ends the session before a guard could refuse it. A guard strips
	// before any authentication looks at the request. A login uses what the
	// authentication found.
	httpcaddyfile.RegisterDirectiveOrder("session_logout", httpcaddyfile.Before, "basicauth")
	httpcaddyfile.RegisterDirectiveOrder("session", httpcaddyfile.Before, "basicauth")
	httpcaddyfile.RegisterDirectiveOrder("session_login", httpcaddyfile.After, "forward_auth")
}

// handlerDirective is a handler with a Caddyfile syntax.
type handlerDirective[T any] interface {
	*T
	caddyhttp.MiddlewareHandler
	caddyfile.Unmarshaler
}

func parseHandler[T any, P handlerDirective[T]](h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
	handler := P(new(T))
	return handler, handler.UnmarshalCaddyfile(h.Dispenser)
}

// parseGuard makes a route of a guard. With a matcher it makes two: where the
// guard does not run, what it keeps out of a request is kept out all the same.
func parseGuard(h httpcaddyfile.Helper) ([]httpcaddyfile.ConfigValue, error) {
	if !h.Next() {
		return nil, h.ArgErr()
	}
	matcher, err := h.ExtractMatcherSet()
	if err != nil {
		return nil, err
	}
	guard := new(Guard)
	if err := guard.UnmarshalCaddyfile(h.Dispenser); err != nil {
		return nil, err
	}
	routes := h.NewRoute(matcher, guard)
	if matcher != nil && !guard.StripOnly {
		routes = append(h.NewRoute(nil, guard.stripsOnly()), routes...)
	}
	return routes, nil
}

// UnmarshalCaddyfile sets up the guard from Caddyfile tokens. Syntax:
//
//	session [<matcher>] [<realm>] {
//		optional
//		observe
//		redirect <uri>
//		require <claim> <value...>
//		headers remote|x-auth-request|x-forwarded|none
//		header <name> <value> [<encoding>]
//		separator <text>
//		forward_cookie
//		forward_authorization
//		app_cookies <name...>
//		public <path...>
//		allow_preflight
//		strip_only
//		no_store
//		passive
//		streams end|keep
//	}
func (g *Guard) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	if err := directive.Head(d, &g.Realm); err != nil {
		return err
	}
	err := directive.Read(d,
		directive.Flag("optional", &g.Optional),
		directive.Flag("observe", &g.Observe),
		directive.Text("redirect", &g.Redirect),
		directive.Words("require", 2, 0, "a claim and at least one value", func(words []string) {
			g.Require = append(g.Require, RequireConfig{Claim: words[0], Values: words[1:]})
		}),
		directive.Text("headers", &g.Headers),
		directive.Words("header", 2, 3, "a name and a value, and may have an encoding", func(words []string) {
			own := HeaderConfig{Name: words[0], Value: words[1]}
			if len(words) == 3 {
				own.Encoding = words[2]
			}
			g.Header = append(g.Header, own)
		}),
		directive.Text("separator", &g.Separator),
		directive.Flag("forward_cookie", &g.ForwardCookie),
		directive.Flag("forward_authorization", &g.ForwardAuthorization),
		directive.Texts("app_cookies", &g.AppCookies),
		directive.Texts("public", &g.Public),
		directive.Flag("allow_preflight", &g.AllowPreflight),
		directive.Flag("strip_only", &g.StripOnly),
		directive.Flag("no_store", &g.NoStore),
		directive.Flag("passive", &g.Passive),
		directive.Text("streams", &g.Streams))
	if err != nil {
		return err
	}
	if err := navigation.CheckRedirect("redirect", g.Redirect); err != nil {
		return directive.Located(d, err)
	}
	probe := *g
	return directive.Located(d, probe.provisionHeaders())
}

// UnmarshalCaddyfile sets up the login from Caddyfile tokens. Syntax:
//
//	session_login [<matcher>] [<realm>] {
//		user <value>
//		claim <name> <value...>
//		redirect <uri> [<fallback>]
//		headers remote|x-auth-request|x-forwarded
//		separator <text>
//		keep <claim> <pattern...>
//	}
func (l *Login) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	if err := directive.Head(d, &l.Realm); err != nil {
		return err
	}
	err := directive.Read(d,
		directive.Text("user", &l.User),
		directive.Words("claim", 2, 0, "a name and at least one value", func(words []string) {
			l.Claim = append(l.Claim, ClaimConfig{Name: words[0], Values: words[1:]})
		}),
		directive.Line("redirect", l.unmarshalRedirect),
		directive.Text("headers", &l.Headers),
		directive.Text("separator", &l.Separator),
		directive.Words("keep", 2, 0, "a claim and at least one pattern", func(words []string) {
			l.Keep = append(l.Keep, KeepConfig{Claim: words[0], Patterns: words[1:]})
		}))
	if err != nil {
		return err
	}
	probe := *l
	return directive.Located(d, probe.provisionNames())
}

func (l *Login) unmarshalRedirect(d *caddyfile.Dispenser) error {
	words := d.RemainingArgs()
	if len(words) != 1 && len(words) != 2 {
		return d.Err("the option redirect needs a target, and may have a fallback")
	}
	l.Redirect = words[0]
	if len(words) == 2 {
		l.Fallback = words[1]
	}
	return nil
}

// UnmarshalCaddyfile sets up the logout from Caddyfile tokens. Syntax:
//
//	session_logout [<matcher>] [<realm>] {
//		redirect <uri>
//		everywhere
//	}
func (l *Logout) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	if err := directive.Head(d, &l.Realm); err != nil {
		return err
	}
	err := directive.Read(d,
		directive.Text("redirect", &l.Redirect),
		directive.Flag("everywhere", &l.Everywhere))
	if err != nil {
		return err
	}
	return directive.Located(d, navigation.CheckRedirect("redirect", l.Redirect))
}

// Interface guards
var (
	_ caddyfile.Unmarshaler = (*Guard)(nil)
	_ caddyfile.Unmarshaler = (*Login)(nil)
	_ caddyfile.Unmarshaler = (*Logout)(nil)
)
