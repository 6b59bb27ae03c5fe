package caddysession

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"sync/atomic"
	"time"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/internal/cookies"
	"github.com/seed-11312c3d/caddy-session/store"
)

const (
	defaultRealm       = "default"
	defaultIdleTimeout = time.Hour
	defaultLifetime    = 24 * time.Hour
	defaultCacheTTL    = 5 * time.Second
	defaultMaxPerUser  = 50
	maxLifetime        = 10 * 365 * 24 * time.Hour
)

// retryAfter is how many seconds a client should wait when the database is away.
const retryAfter = "5"

var realmName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Realm is one population of sessions: a store, a format, a cookie, lifetimes.
type Realm struct {
	// The database that the sessions live in.
	// Default: what the environment variable SESSION_DB_URL names, or else a
	// SQLite file in Caddy's data directory.
	Store *Store `json:"store,omitempty"`

	// Whose sessions they are. Default: `native`, the module's own.
	Format *Format `json:"format,omitempty"`

	// The cookie that carries the token.
	Cookie *CookieConfig `json:"cookie,omitempty"`

	// How long a session lives without a request. Default: 1h.
	IdleTimeout caddy.Duration `json:"idle_timeout,omitempty"`

	// How long a session lives at most, however active it is. Default: 24h.
	Lifetime caddy.Duration `json:"lifetime,omitempty"`

	// How long a session is remembered after the database was asked for it: a
	// session that was ended on another node lives on here for as long. 0 asks
	// the database on every request. Default: 5s.
	CacheTTL *caddy.Duration `json:"cache_ttl,omitempty"`

	// For how long after that a session is served from memory while the
	// database cannot be asked, instead of 503. What has expired, or has ended
	// on this node, never is; what was ended elsewhere may be, for as long.
	// `{http.session.status}` is `stale` then. Default: 0, never.
	StaleIfError caddy.Duration `json:"stale_if_error,omitempty"`

	// How many sessions a user may have: the oldest goes when one more starts.
	// Default: 50.
	MaxPerUser int `json:"max_per_user,omitempty"`

	*population

	name          string
	sessionCookie *cookies.Cookie
	app           *App
	logger        *zap.Logger
	meters        realmMeters
	appCookies    []string // of all guards: logins and logouts expire them
}

// provision completes the realm. It touches no database.
func (r *Realm) provision(app *App, name string) error {
	if !realmName.MatchString(name) {
		return errors.New("a realm's name is 1 to 64 letters, digits, `-` and `_`")
	}
	r.name, r.app, r.logger = name, app, app.ctx.Logger().With(zap.String("realm", name))
	r.meters = app.meters.realm(name)
	if err := r.provisionTimes(); err != nil {
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
	settings, options, err := r.populationSettings()
	if err != nil {
		return err
	}
	if r.population, err = openPopulation(settings, options, app.ctx.Slogger()); err != nil {
		return err
	}
	var cookie CookieConfig
	if r.Cookie != nil {
		cookie = *r.Cookie
	}
	if r.foreign != nil && cookie.Name == "" {
		cookie.Name = r.foreign.Cookie()
	}
	r.sessionCookie, err = cookie.build(r.foreign != nil && r.Format.Name == "authjs")
	return err
}

// populationSettings are the realm's settings, complete. Another program's
// sessions have options, and neither an idle timeout nor a lifetime of ours.
func (r *Realm) populationSettings() (s populationSettings, options *format.Options, err error) {
	s = populationSettings{realm: r.name, cacheTTL: time.Duration(*r.CacheTTL), staleIfError: time.Duration(r.StaleIfError)}
	if s.store, err = r.Store.settings(); err != nil {
		return s, nil, err
	}
	if r.Format.isNative() {
		s.idle, s.lifetime, s.maxPerUser = time.Duration(r.IdleTimeout), time.Duration(r.Lifetime), r.MaxPerUser
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
	s.format, s.store.Access = string(key), store.ForeignRead
	return s, &resolved, err
}

func (r *Realm) provisionTimes() error {
	if r.IdleTimeout == 0 {
		r.IdleTimeout = caddy.Duration(defaultIdleTimeout)
		if r.Lifetime > 0 {
			r.IdleTimeout = min(r.IdleTimeout, r.Lifetime)
		}
	}
	if r.Lifetime == 0 {
		r.Lifetime = caddy.Duration(defaultLifetime)
	}
	if r.CacheTTL == nil {
		ttl := min(caddy.Duration(defaultCacheTTL), r.IdleTimeout)
		r.CacheTTL = &ttl
	}
	if r.MaxPerUser == 0 {
		r.MaxPerUser = defaultMaxPerUser
	}
	switch {
	case r.IdleTimeout < caddy.Duration(time.Second):
		return errors.New("idle_timeout must be at least 1s")
	case r.Lifetime < r.IdleTimeout:
		return errors.New("idle_timeout is longer than lifetime; lower the one or raise the other")
	case time.Duration(r.Lifetime) > maxLifetime:
		return errors.New("lifetime must be at most ten years: there is no session for ever")
	case *r.CacheTTL < 0:
		return errors.New("cache_ttl must not be negative; 0 asks the database on every request")
	case r.StaleIfError < 0:
		return errors.New("stale_if_error must not be negative; leave it out to answer with 503 when the database is away")
	case r.StaleIfError > 0 && *r.CacheTTL == 0:
		return errors.New("stale_if_error needs sessions in memory; raise cache_ttl above 0, or leave stale_if_error out")
	case r.MaxPerUser < 0:
		return errors.New("max_per_user must be above 0")
	}
	return nil
}

// start opens the database. Requests that came before wait for the end of it.
func (r *Realm) start(ctx context.Context) error {
	defer r.db.startedOnce()
	if err := r.Store.makeDataDir(); err != nil {
		return err
	}
	return r.population.start(ctx)
}

// cleanup gives the population back. It is called after a failed provision, too.
// Requests of this configuration may still be in flight, so they find
// everything where it was.
func (r *Realm) cleanup() {
	if r == nil || r.population == nil {
		return
	}
	if err := r.population.close(); err != nil {
		r.logger.Error("closing the session database", zap.Error(err))
	}
}

// touch notes that a session was used, unless that was noted lately.
func (r *Realm) touch(f *found, key store.Key, now time.Time) {
	if r.sessions == nil {
		return // another program's sessions are not ours to write
	}
	last, ms := f.touched.Load(), now.UnixMilli()
	if ms-max(last, f.seen) >= r.sessions.Interval().Milliseconds() && f.touched.CompareAndSwap(last, ms) {
		r.sessions.Touch(key, now)
	}
}

// watchAppCookies has logins and logouts of this realm expire a guard's app_cookies.
func (r *Realm) watchAppCookies(names []string) {
	r.app.mu.Lock()
	defer r.app.mu.Unlock()
	for _, name := range names {
		if !slices.Contains(r.appCookies, name) {
			r.appCookies = append(r.appCookies, name)
		}
	}
}

// hint logs what an operator can do about cookies that nothing can be made of,
// at most once a minute: whoever sends them must not fill the log.
func (r *Realm) hint(err error) {
	if isDue(&r.hinted, 60) {
		r.logger.Warn("a cookie is not of the kind that the realm is configured for", zap.Error(err))
	}
}

// excuse logs that sessions are served which may have ended elsewhere, at most
// every five seconds.
func (r *Realm) excuse(err error) {
	if isDue(&r.excused, 5) {
		r.logger.Warn("serving sessions from memory, as stale_if_error says: the session database is unavailable", zap.Error(err))
	}
}

// isDue reports whether something was done last at least some seconds ago, and
// notes that it is done now.
func isDue(last *atomic.Int64, seconds int64) bool {
	now := time.Now().Unix()
	before := last.Load()
	return now-before >= seconds && last.CompareAndSwap(before, now)
}

// event reports what an operator should look at: in the log, and to the
// handlers of Caddy's events app under the name `session_<what>`. Fields never
// hold a token, a key or a value of an identity.
func (r *Realm) event(req *http.Request, what, message string, err error) {
	r.logger.Warn(message, zap.String("event", what), zap.Error(err),
		zap.String("remote", req.RemoteAddr), zap.String("uri", req.URL.Path))
	r.app.events.Emit(r.app.ctx, "session_"+what, map[string]any{
		"realm": r.name, "message": message, "error": err.Error(),
	})
}
