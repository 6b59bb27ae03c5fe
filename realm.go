package caddysession

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyevents"
	"go.uber.org/zap"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/internal/cookies"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
	"github.com/seed-11312c3d/caddy-session/internal/meters"
	"github.com/seed-11312c3d/caddy-session/internal/navigation"
	"github.com/seed-11312c3d/caddy-session/store"
)

const defaultRealm = "default"

var realmName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Realm is one population of sessions: a store, a format, a cookie, lifetimes.
type Realm struct {
	// The database that the sessions live in.
	// Default: what the environment variable SESSION_DB_URL names, or else a
	// SQLite file in Caddy's data directory.
	Store *StoreConfig `json:"store,omitempty"`

	// Whose sessions they are. Default: `native`, the module's own.
	Format *FormatConfig `json:"format,omitempty"`

	// The cookie that carries the token.
	Cookie *CookieConfig `json:"cookie,omitempty"`

	// Further host names under which browsers reach the sites of this realm,
	// besides the cookie's domain: a trusted proxy may name them in
	// X-Forwarded-Host, and a login may lead back to them.
	Hosts []string `json:"hosts,omitempty"`

	// How long a session lives without a request. Default: 1h.
	IdleTimeout caddy.Duration `json:"idle_timeout,omitempty"`

	// How long a session lives at most, however active it is. Default: 24h.
	Lifetime caddy.Duration `json:"lifetime,omitempty"`

	// How long a session lives at most that was started with a lifetime of its own
	// (`caddy session create --lifetime`). It counts at each lookup, so lowering it
	// ends older sessions at once. Where it is above `lifetime`, what was started
	// under a longer `lifetime` lives on up to here. Default: `lifetime`.
	MaxLifetime caddy.Duration `json:"max_lifetime,omitempty"`

	// How long a session is remembered while the database cannot be asked whether it
	// has ended; without `recheck`, at any time. 0 asks the database on every
	// request. Default: 5s.
	CacheTTL *caddy.Duration `json:"cache_ttl,omitempty"`

	// How often the database is asked again for the sessions that are in use: one
	// that was ended on another node, or by whatever other means, is refused here
	// within this time. 0 has it live on for `cache_ttl`. Default: 1s; 5s for other
	// programs' sessions.
	Recheck *caddy.Duration `json:"recheck,omitempty"`

	// For how long after that a session is served from memory while the
	// database cannot be asked, instead of 503. What has expired, or has ended
	// on this node, never is; what was ended elsewhere may be, for as long.
	// `{http.session.status}` is `stale` then. Default: 0, never.
	StaleIfError caddy.Duration `json:"stale_if_error,omitempty"`

	// How many sessions that do not exist one client's address may have looked up a
	// second, and five times as many at once: beyond, it gets 429. An IPv6 network
	// of 64 bits is one address. Only for other programs' sessions whose cookie has
	// no signature, so that anybody can make one up. Default: 20.
	MaxUnknown int `json:"max_unknown,omitempty"`

	// `lower` takes user ids in lower case, wherever they come from: logins, the
	// command line, the admin API, `require user`. Sessions of a user id with upper
	// case, from before that was said, are over. Not for other programs' sessions.
	// Default: user ids stay as they are, and case makes two of one.
	UserCase string `json:"user_case,omitempty"`

	// How many sessions a user may have: the oldest goes when one more starts.
	// Default: 50.
	MaxPerUser int `json:"max_per_user,omitempty"`

	run           *lookup.Realm // the realm at work
	sessionCookie *cookies.Cookie
	name          string
	shared        *shared
	needed        bool // somebody asks for sessions
	prompts       bool // logins may come from a browser's password prompt
	logger        *zap.Logger
	notices       *zap.Logger // for what happens often
	warned        *warned
	meters        meters.Realm
	appCookies    []string // of all guards: logins and logouts expire them
}

// warned is when an operator was told of something last, in Unix seconds:
// whoever sends requests must not fill the log.
type warned struct {
	malformed, stale, unavailable, redirect, flood, lost atomic.Int64
}

// shared is what the realms of one configuration share.
type shared struct {
	ctx     caddy.Context
	events  *caddyevents.App
	meters  *meters.Meters
	realms  []*Realm   // all of them
	natives []*Realm   // those whose sessions are the module's own
	mu      sync.Mutex // guards what realms learn of their handlers, while those are provisioned
}

// provision completes the realm. It touches no database.
func (r *Realm) provision(shared *shared, name string) (err error) {
	if !realmName.MatchString(name) {
		return errors.New("a realm's name is 1 to 64 letters, digits, `-` and `_`")
	}
	r.name, r.shared, r.warned = name, shared, new(warned)
	r.logger = shared.ctx.Logger().With(zap.String("realm", name))
	r.notices = noticing(r.logger)
	r.meters = shared.meters.Realm(name, statusForbidden)
	if err := r.provisionTimes(); err != nil {
		return err
	}
	if r.Hosts, err = navigation.Hosts(r.Hosts); err != nil {
		return err
	}
	if *r.CacheTTL > r.IdleTimeout {
		r.logger.Warn("cache_ttl is longer than idle_timeout, and taken as equal")
		r.CacheTTL = &r.IdleTimeout
	}
	if r.Format.isNative() && r.StaleIfError > r.IdleTimeout {
		r.logger.Warn("stale_if_error is longer than idle_timeout, and taken as equal")
		r.StaleIfError = r.IdleTimeout
	}
	settings, options, err := r.settings()
	if err != nil {
		return err
	}
	if r.run, err = lookup.Open(settings, options, shared.ctx.Slogger()); err != nil {
		return err
	}
	shared.meters.Rechecked(name, r.run.RecheckRound)
	var cookie CookieConfig
	if r.Cookie != nil {
		cookie = *r.Cookie
	}
	if cookie.Name == "" {
		cookie.Name = r.run.ProgramCookie()
	}
	if r.sessionCookie, err = cookie.build(r.inCookieName(), r.run.ProgramCookieElse(), r.isForeign() && r.Format.Name == "authjs"); err != nil {
		return err
	}
	if r.sessionCookie.OnPublicSuffix() {
		r.logger.Warn("the cookie's domain is a public suffix, below which anybody may have a site, or a name that browsers do not know: most drop the cookie",
			zap.String("domain", r.sessionCookie.Domain))
	}
	if r.Store != nil && r.Store.URL == "" {
		r.logger.Info("the realm's store names no URL: its sessions are in the default database", zap.String("at", r.run.Place()))
	}
	return nil
}

// isForeign reports whether the sessions are another program's.
func (r *Realm) isForeign() bool { return !r.Format.isNative() }

// settings are the realm's settings, complete. Another program's sessions have
// options, and neither an idle timeout nor a lifetime of ours.
func (r *Realm) settings() (s lookup.Settings, options *format.Options, err error) {
	s = lookup.Settings{Realm: r.name, CacheTTL: time.Duration(*r.CacheTTL), Recheck: time.Duration(*r.Recheck), StaleIfError: time.Duration(r.StaleIfError)}
	if s.FoldUsers, err = lookup.FoldsUsers(r.UserCase, r.isForeign()); err != nil {
		return s, nil, err
	}
	if s.Store, err = r.Store.settings(); err != nil {
		return s, nil, err
	}
	if !r.isForeign() {
		cookie, err := r.Cookie.build(r.inCookieName(), "", false)
		if err != nil {
			return s, nil, err
		}
		s.Cookie = cookie.Name // which tokens are made for
		if r.Store != nil {
			s.Lag = time.Duration(r.Store.Lag)
		}
		s.Idle, s.Lifetime, s.MaxPerUser = time.Duration(r.IdleTimeout), time.Duration(r.Lifetime), r.MaxPerUser
		s.MaxLifetime = time.Duration(r.MaxLifetime)
		return s, nil, nil
	}
	cookie := ""
	if r.Cookie != nil {
		cookie = r.Cookie.Name
	}
	resolved, err := r.Format.resolved(cookie)
	if err != nil {
		return s, nil, err
	}
	key, err := json.Marshal(resolved)
	s.Format, s.Store.Access, s.MaxUnknown = string(key), store.ForeignRead, r.MaxUnknown
	return s, &resolved, err
}

// provisionTimes completes the realm's times and numbers, and refuses those that
// cannot work.
func (r *Realm) provisionTimes() error {
	ttl, recheck, err := lookup.Times{
		Idle: (*time.Duration)(&r.IdleTimeout), Lifetime: (*time.Duration)(&r.Lifetime), MaxLifetime: (*time.Duration)(&r.MaxLifetime),
		CacheTTL: (*time.Duration)(r.CacheTTL), Recheck: (*time.Duration)(r.Recheck), Foreign: r.isForeign(), StaleIfError: (*time.Duration)(&r.StaleIfError),
		MaxUnknown: &r.MaxUnknown, MaxPerUser: &r.MaxPerUser,
	}.Complete()
	r.CacheTTL, r.Recheck = (*caddy.Duration)(&ttl), (*caddy.Duration)(&recheck)
	return err
}

// start opens the database.
func (r *Realm) start(ctx context.Context) error {
	if !r.needed {
		return nil
	}
	if err := r.Store.makeDataDir(); err != nil {
		return err
	}
	return r.run.Start(ctx)
}

// cleanup gives the realm back. It is called after a failed provision, too.
// Requests of this configuration may still be in flight, so they find
// everything where it was.
func (r *Realm) cleanup() {
	if r == nil || r.run == nil {
		return
	}
	if err := r.run.Close(); err != nil {
		r.logger.Error("closing the session database", zap.Error(err))
	}
}
