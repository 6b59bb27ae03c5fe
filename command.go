package caddysession

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"

	"github.com/seed-11312c3d/caddy-session/internal/commandline"
	"github.com/seed-11312c3d/caddy-session/internal/cookies"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
)

func init() {
	caddycmd.RegisterCommand(commandline.Command(defaultRealm, openForCommand))
}

// openForCommand opens a realm for somebody who comes only for a moment.
func openForCommand(ctx context.Context, flags *commandline.Flags, config json.RawMessage, migrate bool) (*commandline.Realm, error) {
	if !realmName.MatchString(flags.Realm) {
		return nil, commandline.UsageError(fmt.Errorf("%q is no name for a realm", flags.Realm))
	}
	realm := &Realm{name: flags.Realm}
	if config != nil {
		if err := json.Unmarshal(config, realm); err != nil {
			return nil, fmt.Errorf("reading the realm %s of %s: %w", flags.Realm, flags.Config, err)
		}
	}
	if flags.Store != "" {
		realm.Store = &StoreConfig{URL: flags.Store}
	}
	if flags.Cookie != "" {
		realm.Cookie = &CookieConfig{Name: flags.Cookie}
	}
	if err := realm.provisionTimes(); err != nil {
		return nil, err
	}
	settings, options, err := realm.settings()
	if err != nil {
		return nil, err
	}
	settings.Store.Migrate, settings.Store.Existing = "off", !migrate
	if migrate {
		settings.Store.Migrate = "on" // this is the command that `migrate off` refers to
		if options == nil {
			if err := realm.Store.makeDataDir(); err != nil {
				return nil, err
			}
		}
	}
	if realm.run, err = lookup.New(settings, options, slog.New(slog.DiscardHandler)); err != nil {
		return nil, err
	}
	if flags.Print {
		return &commandline.Realm{Realm: realm.run, Name: realm.name}, nil
	}
	if err := realm.run.StartNow(ctx); err != nil {
		return nil, errors.Join(err, realm.run.CloseNow())
	}
	cookie, err := realm.presentedCookie()
	if err != nil {
		return nil, errors.Join(err, realm.run.CloseNow())
	}
	return &commandline.Realm{
		Realm: realm.run, Name: realm.name, Cookie: cookie, Foreign: realm.isForeign(),
		IdleTimeout: time.Duration(realm.IdleTimeout), Lifetime: time.Duration(realm.Lifetime), MaxLifetime: time.Duration(realm.MaxLifetime),
	}, nil
}

// presentedCookie is the cookie that browsers have, by its names.
func (r *Realm) presentedCookie() (*cookies.Cookie, error) {
	var config CookieConfig
	if r.Cookie != nil {
		config = *r.Cookie
	}
	if r.isForeign() {
		config.Name = r.run.ProgramCookie()
	}
	return config.build(r.inCookieName(), r.run.ProgramCookieElse(), false)
}
