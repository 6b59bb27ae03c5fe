package caddysession

import (
	"encoding/json"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"

	"github.com/seed-11312c3d/caddy-session/internal/directive"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
	"github.com/seed-11312c3d/caddy-session/internal/navigation"
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
//		recheck        <duration>
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
	err := directive.Read(d,
		directive.Line("store", func(d *caddyfile.Dispenser) error {
			r.Store = new(StoreConfig)
			return r.Store.unmarshalBlock(d)
		}),
		directive.Line("format", func(d *caddyfile.Dispenser) error {
			r.Format = new(FormatConfig)
			return r.Format.unmarshalBlock(d)
		}),
		directive.Line("cookie", func(d *caddyfile.Dispenser) error {
			r.Cookie = new(CookieConfig)
			return r.Cookie.unmarshalBlock(d)
		}),
		directive.Texts("hosts", &r.Hosts),
		directive.Duration("idle_timeout", &r.IdleTimeout),
		directive.Duration("lifetime", &r.Lifetime),
		directive.Duration("max_lifetime", &r.MaxLifetime),
		directive.DurationOrZero("cache_ttl", &r.CacheTTL, "a duration such as 5s, or 0 to ask the database on every request"),
		directive.DurationOrZero("recheck", &r.Recheck, "a duration such as 1s, or 0 to ask only when cache_ttl is over"),
		directive.Duration("stale_if_error", &r.StaleIfError),
		directive.Number("max_per_user", &r.MaxPerUser),
		directive.Number("max_unknown", &r.MaxUnknown),
		directive.Text("user_case", &r.UserCase))
	if err != nil {
		return err
	}
	probe := *r // defaults are set when the module is provisioned, not here
	if _, err := navigation.Hosts(r.Hosts); err != nil {
		return directive.Located(d, err)
	}
	if _, err := lookup.FoldsUsers(r.UserCase, r.isForeign()); err != nil {
		return directive.Located(d, err)
	}
	return directive.Located(d, probe.provisionTimes())
}

func (c *StoreConfig) unmarshalBlock(d *caddyfile.Dispenser) error {
	line := d.Line()
	if d.NextArg() {
		if c.URL = d.Val(); strings.TrimSpace(c.URL) == "" {
			return directive.Located(d, errEmptyStore)
		}
	}
	err := directive.Read(d,
		directive.Text("url", &c.URL),
		directive.Number("max_conns", &c.MaxConns),
		directive.Duration("lookup_timeout", &c.LookupTimeout),
		directive.Duration("lag", &c.Lag),
		directive.Text("schema", &c.Schema),
		directive.Text("table_prefix", &c.TablePrefix),
		directive.Text("migrate", &c.Migrate))
	if *c == (StoreConfig{}) && err == nil && d.Line() == line {
		return directive.Located(d, errEmptyStore) // of a variable that is not set not even a word is left
	}
	if err != nil || strings.Contains(c.URL, "{") {
		return err // what placeholders stand for is known when the module is provisioned
	}
	_, err = c.settings()
	return directive.Located(d, err)
}

func (c *CookieConfig) unmarshalBlock(d *caddyfile.Dispenser) error {
	if d.NextArg() {
		c.Name = d.Val()
	}
	err := directive.Read(d,
		directive.Text("name", &c.Name),
		directive.Text("same_site", &c.SameSite),
		directive.Text("domain", &c.Domain),
		directive.Text("path", &c.Path),
		directive.Flag("persist", &c.Persist),
		directive.Flag("insecure", &c.Insecure))
	if err != nil {
		return err
	}
	_, err = c.build("", "", false)
	return directive.Located(d, err)
}
