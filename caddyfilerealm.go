package caddysession

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
)

// parseRealm reads the global option
//
//	session [<realm>] {
//		store          <url> { ... }
//		format         <name> { ... }
//		cookie         [<name>] { ... }
//		hosts          <host...>
//		idle_timeout   <duration>
//		lifetime       <duration>
//		max_lifetime   <duration>
//		cache_ttl      <duration>
//		stale_if_error <duration>
//		max_per_user   <number>
//		max_unknown    <number>
//		user_case      lower
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
			r.Store = new(StoreConfig)
			return r.Store.unmarshalBlock(d)
		case "format":
			r.Format = new(FormatConfig)
			return r.Format.unmarshalBlock(d)
		case "cookie":
			r.Cookie = new(CookieConfig)
			return r.Cookie.unmarshalBlock(d)
		case "hosts":
			return texts(d, &r.Hosts)
		case "idle_timeout":
			return duration(d, &r.IdleTimeout)
		case "lifetime":
			return duration(d, &r.Lifetime)
		case "max_lifetime":
			return duration(d, &r.MaxLifetime)
		case "cache_ttl":
			return r.unmarshalCacheTTL(d)
		case "stale_if_error":
			return duration(d, &r.StaleIfError)
		case "max_per_user":
			return number(d, &r.MaxPerUser)
		case "max_unknown":
			return number(d, &r.MaxUnknown)
		case "user_case":
			return text(d, &r.UserCase)
		}
		return unknown(d, "store", "format", "cookie", "hosts", "idle_timeout", "lifetime", "max_lifetime", "cache_ttl", "stale_if_error", "max_per_user", "max_unknown", "user_case")
	})
	if err != nil {
		return err
	}
	probe := *r // defaults are set when the module is provisioned, not here
	if err := cmp.Or(probe.provisionHosts(), probe.checkUserCase()); err != nil {
		return located(d, err)
	}
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

func (c *StoreConfig) unmarshalBlock(d *caddyfile.Dispenser) error {
	line, isEmpty := d.Line(), true
	if d.NextArg() {
		if c.URL, isEmpty = d.Val(), false; strings.TrimSpace(c.URL) == "" {
			return located(d, errEmptyStore)
		}
	}
	err := options(d, "", func(option string) error {
		isEmpty = false
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
	if isEmpty && err == nil && d.Line() == line {
		return located(d, errEmptyStore) // of a variable that is not set not even a word is left
	}
	if err != nil || strings.Contains(c.URL, "{") {
		return err // what placeholders stand for is known when the module is provisioned
	}
	_, err = c.settings()
	return located(d, err)
}

func (c *CookieConfig) unmarshalBlock(d *caddyfile.Dispenser) error {
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
	_, err = c.build("", false)
	return located(d, err)
}
