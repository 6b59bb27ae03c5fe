package caddysession

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"time"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
)

const (
	defaultRealm       = "default"
	defaultIdleTimeout = time.Hour
	defaultLifetime    = 24 * time.Hour
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
	Format string `json:"format,omitempty"`

	// The cookie that carries the token.
	Cookie *Cookie `json:"cookie,omitempty"`

	// How long a session lives without a request. Default: 1h.
	IdleTimeout caddy.Duration `json:"idle_timeout,omitempty"`

	// How long a session lives at most, however active it is. Default: 24h.
	Lifetime caddy.Duration `json:"lifetime,omitempty"`

	name       string
	app        *App
	logger     *zap.Logger
	settings   store.Settings
	db         *database
	format     format.Format
	finder     finder
	sessions   *store.Sessions
	meters     realmMeters
	appCookies []string // of all guards: logins and logouts expire them
}

// finder finds the session that a cookie stands for: the database, or a cache
// in front of it. It fails with a [format.Reason] when there is none, and with
// an error that wraps [store.ErrUnavailable] when that cannot be known.
type finder interface {
	Find(ctx context.Context, l format.Lookup, now time.Time) (*store.Session, error)
}

// provision completes the realm. It touches no database.
func (r *Realm) provision(app *App, name string) error {
	if !realmName.MatchString(name) {
		return errors.New("a realm's name is 1 to 64 letters, digits, `-` and `_`")
	}
	r.name, r.app, r.logger = name, app, app.ctx.Logger().With(zap.String("realm", name))
	r.meters = app.meters.realm(name)
	if r.Cookie == nil {
		r.Cookie = new(Cookie)
	}
	if err := errors.Join(r.provisionTimes(), r.Cookie.provision()); err != nil {
		return err
	}
	if r.Format != "" && r.Format != "native" {
		return fmt.Errorf("unknown format %q; the known one is native", r.Format)
	}
	if err := r.openStore(); err != nil {
		return err
	}
	r.provisionNative()
	return nil
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
	switch {
	case r.IdleTimeout < caddy.Duration(time.Second):
		return errors.New("idle_timeout must be at least 1s")
	case r.Lifetime < r.IdleTimeout:
		return errors.New("idle_timeout is longer than lifetime; lower the one or raise the other")
	case time.Duration(r.Lifetime) > maxLifetime:
		return errors.New("lifetime must be at most ten years: there is no session for ever")
	}
	return nil
}

// openStore takes the store with these settings out of the pool, or puts one in.
func (r *Realm) openStore() error {
	settings, err := r.Store.settings()
	if err != nil {
		return err
	}
	value, _, err := databases.LoadOrNew(settings, func() (caddy.Destructor, error) {
		s, err := store.New(settings, r.app.ctx.Slogger())
		if err != nil {
			return nil, err
		}
		return &database{Store: s}, nil
	})
	if err != nil {
		return err
	}
	r.settings, r.db = settings, value.(*database)
	return nil
}

// cleanup gives the store back. It is called after a failed provision, too.
func (r *Realm) cleanup() {
	if r == nil || r.db == nil {
		return
	}
	if _, err := databases.Delete(r.settings); err != nil {
		r.logger.Error("closing the session database", zap.Error(err))
	}
	r.db = nil
}

func (r *Realm) provisionNative() {
	idle := time.Duration(r.IdleTimeout)
	r.sessions = r.db.Sessions(r.name, idle, time.Duration(r.Lifetime))
	r.format = &format.Native{Realm: r.name, Store: r.db.Store, Idle: idle, Query: r.sessions.FindQuery()}
	r.finder = &tableFinder{db: r.db, format: r.format}
}

// tableFinder asks the database for each session.
type tableFinder struct {
	db     *database
	format format.Format
}

// Find implements finder.
func (f *tableFinder) Find(ctx context.Context, l format.Lookup, now time.Time) (*store.Session, error) {
	if err := f.db.hold(); err != nil {
		return nil, err
	}
	defer f.db.release()
	return f.format.Find(ctx, f.db, l, now)
}

// touch notes that a session was used, unless that was noted lately: at most
// once a minute and a twentieth of the idle timeout, at least four times in it.
func (r *Realm) touch(s *store.Session, now time.Time) {
	idle := time.Duration(r.IdleTimeout)
	interval := min(max(time.Minute, idle/20), idle/4)
	if now.Sub(s.Seen) >= interval {
		r.sessions.Touch(s.Key, now)
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
