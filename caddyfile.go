package caddysession

import (
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
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

// directive is a handler with a Caddyfile syntax.
type directive[T any] interface {
	*T
	caddyhttp.MiddlewareHandler
	caddyfile.Unmarshaler
}

func parseHandler[T any, P directive[T]](h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
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
//	}
func (g *Guard) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	if err := head(d, &g.Realm); err != nil {
		return err
	}
	err := options(d, "require header", func(option string) error {
		switch option {
		case "optional":
			return flag(d, &g.Optional)
		case "observe":
			return flag(d, &g.Observe)
		case "redirect":
			return text(d, &g.Redirect)
		case "require":
			return g.unmarshalRequire(d)
		case "headers":
			return text(d, &g.Headers)
		case "header":
			return g.unmarshalHeader(d)
		case "separator":
			return text(d, &g.Separator)
		case "forward_cookie":
			return flag(d, &g.ForwardCookie)
		case "forward_authorization":
			return flag(d, &g.ForwardAuthorization)
		case "app_cookies":
			return texts(d, &g.AppCookies)
		case "public":
			return texts(d, &g.Public)
		case "allow_preflight":
			return flag(d, &g.AllowPreflight)
		case "strip_only":
			return flag(d, &g.StripOnly)
		case "no_store":
			return flag(d, &g.NoStore)
		case "passive":
			return flag(d, &g.Passive)
		}
		return unknown(d, "optional", "observe", "redirect", "require", "headers", "header", "separator", "forward_cookie", "forward_authorization", "app_cookies",
			"public", "allow_preflight", "strip_only", "no_store", "passive")
	})
	if err != nil {
		return err
	}
	if err := checkRedirect("redirect", g.Redirect); err != nil {
		return located(d, err)
	}
	probe := *g
	return located(d, probe.provisionHeaders())
}

func (g *Guard) unmarshalRequire(d *caddyfile.Dispenser) error {
	words := d.RemainingArgs()
	if len(words) < 2 {
		return d.Err("the option require needs a claim and at least one value")
	}
	g.Require = append(g.Require, RequireConfig{Claim: words[0], Values: words[1:]})
	return nil
}

func (g *Guard) unmarshalHeader(d *caddyfile.Dispenser) error {
	words := d.RemainingArgs()
	if len(words) != 2 && len(words) != 3 {
		return d.Err("the option header needs a name and a value, and may have an encoding")
	}
	h := HeaderConfig{Name: words[0], Value: words[1]}
	if len(words) == 3 {
		h.Encoding = words[2]
	}
	g.Header = append(g.Header, h)
	return nil
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
	if err := head(d, &l.Realm); err != nil {
		return err
	}
	err := options(d, "claim keep", func(option string) error {
		switch option {
		case "user":
			return text(d, &l.User)
		case "claim":
			return l.unmarshalClaim(d)
		case "redirect":
			return l.unmarshalRedirect(d)
		case "headers":
			return text(d, &l.Headers)
		case "separator":
			return text(d, &l.Separator)
		case "keep":
			return l.unmarshalKeep(d)
		}
		return unknown(d, "user", "claim", "redirect", "headers", "separator", "keep")
	})
	if err != nil {
		return err
	}
	probe := *l
	return located(d, probe.provisionNames())
}

func (l *Login) unmarshalClaim(d *caddyfile.Dispenser) error {
	words := d.RemainingArgs()
	if len(words) < 2 {
		return d.Err("the option claim needs a name and at least one value")
	}
	l.Claim = append(l.Claim, ClaimConfig{Name: words[0], Values: words[1:]})
	return nil
}

func (l *Login) unmarshalKeep(d *caddyfile.Dispenser) error {
	words := d.RemainingArgs()
	if len(words) < 2 {
		return d.Err("the option keep needs a claim and at least one pattern")
	}
	l.Keep = append(l.Keep, KeepConfig{Claim: words[0], Patterns: words[1:]})
	return nil
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
	if err := head(d, &l.Realm); err != nil {
		return err
	}
	err := options(d, "", func(option string) error {
		switch option {
		case "redirect":
			return text(d, &l.Redirect)
		case "everywhere":
			return flag(d, &l.Everywhere)
		}
		return unknown(d, "redirect", "everywhere")
	})
	if err != nil {
		return err
	}
	return located(d, checkRedirect("redirect", l.Redirect))
}

// Interface guards
var (
	_ caddyfile.Unmarshaler = (*Guard)(nil)
	_ caddyfile.Unmarshaler = (*Login)(nil)
	_ caddyfile.Unmarshaler = (*Logout)(nil)
)
