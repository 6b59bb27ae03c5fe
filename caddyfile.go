package caddysession

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

func init() {
	httpcaddyfile.RegisterGlobalOption("session", parseRealm)
	httpcaddyfile.RegisterHandlerDirective("session", parseHandler[Guard])
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

// parseRealm reads the global option
//
//	session [<realm>] {
//		store         <url> { ... }
//		format        <name> { ... }
//		cookie        [<name>] { ... }
//		idle_timeout  <duration>
//		lifetime      <duration>
//		cache_ttl     <duration>
//		max_per_user  <number>
//	}
func parseRealm(d *caddyfile.Dispenser, existing any) (any, error) {
	app := App{Realms: make(map[string]*Realm)}
	if previous, ok := existing.(httpcaddyfile.App); ok {
		if err := json.Unmarshal(previous.Value, &app); err != nil {
			return nil, err
		}
	}
	d.Next() // the option's name
	name := defaultRealm
	if d.NextArg() {
		name = d.Val()
	}
	switch {
	case d.NextArg():
		return nil, d.ArgErr()
	case !realmName.MatchString(name):
		return nil, d.Errf("%q is no name for a realm: 1 to 64 letters, digits, - and _", name)
	case app.Realms[name] != nil:
		return nil, d.Errf("the session realm %q is configured twice; put both into one block", name)
	}
	realm := new(Realm)
	if err := realm.unmarshalBlock(d); err != nil {
		return nil, err
	}
	app.Realms[name] = realm
	return httpcaddyfile.App{Name: "session", Value: caddyconfig.JSON(&app, nil)}, nil
}

func (r *Realm) unmarshalBlock(d *caddyfile.Dispenser) error {
	err := options(d, "", func(option string) error {
		switch option {
		case "store":
			r.Store = new(Store)
			return r.Store.unmarshalBlock(d)
		case "format":
			r.Format = new(Format)
			return r.Format.unmarshalBlock(d)
		case "cookie":
			r.Cookie = new(Cookie)
			return r.Cookie.unmarshalBlock(d)
		case "idle_timeout":
			return duration(d, &r.IdleTimeout)
		case "lifetime":
			return duration(d, &r.Lifetime)
		case "cache_ttl":
			return r.unmarshalCacheTTL(d)
		case "max_per_user":
			return number(d, &r.MaxPerUser)
		}
		return unknown(d, "store", "format", "cookie", "idle_timeout", "lifetime", "cache_ttl", "max_per_user")
	})
	if err != nil {
		return err
	}
	probe := *r // defaults are set when the module is provisioned, not here
	return located(d, probe.provisionTimes())
}

func (r *Realm) unmarshalCacheTTL(d *caddyfile.Dispenser) error {
	var word string
	if err := text(d, &word); err != nil {
		return err
	}
	ttl, err := caddy.ParseDuration(word)
	if word != "0" && (err != nil || ttl < 0) {
		return d.Errf("the option cache_ttl needs a duration such as 5s, or 0 to ask the database on every request, not %q", word)
	}
	r.CacheTTL = (*caddy.Duration)(&ttl)
	return nil
}

func (c *Store) unmarshalBlock(d *caddyfile.Dispenser) error {
	if d.NextArg() {
		c.URL = d.Val()
	}
	err := options(d, "", func(option string) error {
		switch option {
		case "url":
			return text(d, &c.URL)
		case "max_conns":
			return number(d, &c.MaxConns)
		case "lookup_timeout":
			return duration(d, &c.LookupTimeout)
		case "schema":
			return text(d, &c.Schema)
		case "table_prefix":
			return text(d, &c.TablePrefix)
		case "migrate":
			return text(d, &c.Migrate)
		}
		return unknown(d, "url", "max_conns", "lookup_timeout", "schema", "table_prefix", "migrate")
	})
	if err != nil || strings.Contains(c.URL, "{") {
		return err // what placeholders stand for is known when the module is provisioned
	}
	_, err = c.settings()
	return located(d, err)
}

func (c *Cookie) unmarshalBlock(d *caddyfile.Dispenser) error {
	if d.NextArg() {
		c.Name = d.Val()
	}
	err := options(d, "", func(option string) error {
		switch option {
		case "name":
			return text(d, &c.Name)
		case "same_site":
			return text(d, &c.SameSite)
		case "domain":
			return text(d, &c.Domain)
		case "path":
			return text(d, &c.Path)
		case "persist":
			return flag(d, &c.Persist)
		case "insecure":
			return flag(d, &c.Insecure)
		}
		return unknown(d, "name", "same_site", "domain", "path", "persist", "insecure")
	})
	if err != nil {
		return err
	}
	probe := *c
	return located(d, probe.provision())
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
//		app_cookies <name...>
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
		case "app_cookies":
			return texts(d, &g.AppCookies)
		}
		return unknown(d, "optional", "observe", "redirect", "require", "headers", "header", "separator", "forward_cookie", "app_cookies")
	})
	if err != nil {
		return err
	}
	probe := *g
	return located(d, probe.provisionHeaders())
}

func (g *Guard) unmarshalRequire(d *caddyfile.Dispenser) error {
	words := d.RemainingArgs()
	if len(words) < 2 {
		return d.Err("the option require needs a claim and at least one value")
	}
	g.Require = append(g.Require, Requirement{Claim: words[0], Values: words[1:]})
	return nil
}

func (g *Guard) unmarshalHeader(d *caddyfile.Dispenser) error {
	words := d.RemainingArgs()
	if len(words) != 2 && len(words) != 3 {
		return d.Err("the option header needs a name and a value, and may have an encoding")
	}
	h := Header{Name: words[0], Value: words[1]}
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
//	}
func (l *Login) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	if err := head(d, &l.Realm); err != nil {
		return err
	}
	err := options(d, "claim", func(option string) error {
		switch option {
		case "user":
			return text(d, &l.User)
		case "claim":
			return l.unmarshalClaim(d)
		case "redirect":
			return l.unmarshalRedirect(d)
		case "headers":
			return text(d, &l.Headers)
		}
		return unknown(d, "user", "claim", "redirect", "headers")
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
	l.Claim = append(l.Claim, LoginClaim{Name: words[0], Values: words[1:]})
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
	return options(d, "", func(option string) error {
		switch option {
		case "redirect":
			return text(d, &l.Redirect)
		case "everywhere":
			return flag(d, &l.Everywhere)
		}
		return unknown(d, "redirect", "everywhere")
	})
}

// head reads a directive's name and the realm that may follow it.
func head(d *caddyfile.Dispenser, realm *string) error {
	d.Next()
	if d.NextArg() {
		*realm = d.Val()
	}
	if d.NextArg() {
		return d.ArgErr()
	}
	return nil
}

// options calls parse for each option of the block at d. Only the repeatable
// ones (a list separated by spaces) may stand twice.
func options(d *caddyfile.Dispenser, repeatable string, parse func(option string) error) error {
	seen := make(map[string]bool)
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		option := d.Val()
		if seen[option] && !slices.Contains(strings.Fields(repeatable), option) {
			return d.Errf("the option %s is given twice; keep one of them", option)
		}
		seen[option] = true
		if err := parse(option); err != nil {
			return err
		}
		if d.NextArg() {
			return d.Errf("the option %s has one word too many: %q", option, d.Val())
		}
	}
	return nil
}

// located adds the file and line to an error.
func located(d *caddyfile.Dispenser, err error) error {
	if err == nil {
		return nil
	}
	return d.WrapErr(err)
}

func unknown(d *caddyfile.Dispenser, known ...string) error {
	return d.Errf("unknown option %q; the known ones are %s", d.Val(), strings.Join(known, ", "))
}

func text(d *caddyfile.Dispenser, target *string) error {
	option := d.Val()
	if !d.NextArg() || d.Val() == "" {
		return d.Errf("the option %s needs a value", option)
	}
	*target = d.Val()
	return nil
}

func texts(d *caddyfile.Dispenser, target *[]string) error {
	option := d.Val()
	if *target = d.RemainingArgs(); len(*target) == 0 {
		return d.Errf("the option %s needs a value", option)
	}
	return nil
}

func flag(_ *caddyfile.Dispenser, target *bool) error {
	*target = true
	return nil
}

func number(d *caddyfile.Dispenser, target *int) error {
	var word string
	option := d.Val()
	if err := text(d, &word); err != nil {
		return err
	}
	n, err := strconv.Atoi(word)
	if err != nil || n <= 0 {
		return d.Errf("the option %s needs a number above 0, not %q", option, word)
	}
	*target = n
	return nil
}

func duration(d *caddyfile.Dispenser, target *caddy.Duration) error {
	var word string
	option := d.Val()
	if err := text(d, &word); err != nil {
		return err
	}
	value, err := caddy.ParseDuration(word)
	if err != nil || value <= 0 {
		return d.Errf("the option %s needs a duration above 0 such as 90s, 1h or 7d, not %q", option, word)
	}
	*target = caddy.Duration(value)
	return nil
}

// Interface guards
var (
	_ caddyfile.Unmarshaler = (*Guard)(nil)
	_ caddyfile.Unmarshaler = (*Login)(nil)
	_ caddyfile.Unmarshaler = (*Logout)(nil)
)
