package caddysession

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
)

// populations holds what the handlers of each realm share, by the realm's
// complete settings: a reload that leaves them unchanged keeps it.
var populations = caddy.NewUsagePool()

// populationSettings are all that a population depends on.
type populationSettings struct {
	realm        string
	format       string // as JSON; empty: the module's own
	store        store.Settings
	idle         time.Duration
	lifetime     time.Duration
	cacheTTL     time.Duration
	staleIfError time.Duration
	maxPerUser   int
}

// population is a realm at work: its database, its format, and what is
// remembered of both.
type population struct {
	settings populationSettings
	db       *database
	format   format.Format
	sessions *store.Sessions // the module's own; nil where they are another program's
	foreign  *foreign        // nil where they are the module's own
	table    *tableFinder
	finder   finder // the table, or a cache in front of it
	cache    *cache // nil: every lookup asks the database

	hinted     atomic.Int64 // when a hint was logged last, in Unix seconds
	complained atomic.Int64 // when the database's absence was logged last
	excused    atomic.Int64 // when it was logged that sessions are served nevertheless
}

// openPopulation takes the population with these settings out of the pool, or
// puts one in. It touches no database.
func openPopulation(s populationSettings, options *format.Options, log *slog.Logger) (*population, error) {
	value, _, err := populations.LoadOrNew(s, func() (caddy.Destructor, error) {
		return newPopulation(s, options, log)
	})
	if err != nil {
		return nil, err
	}
	return value.(*population), nil
}

func newPopulation(s populationSettings, options *format.Options, log *slog.Logger) (*population, error) {
	db, err := openDatabase(s.store, log)
	if err != nil {
		return nil, err
	}
	p := &population{settings: s, db: db}
	if options == nil {
		p.sessions = db.Sessions(s.realm, s.idle, s.lifetime)
		p.format = &format.Native{Realm: s.realm, Store: db.Store, Sessions: p.sessions, Idle: s.idle}
	} else if err := openForeign(p, *options, log); err != nil {
		return nil, errors.Join(err, p.Destruct())
	}
	p.table = newTableFinder(db, p.format, log.With("realm", s.realm))
	p.finder = p.table
	if s.cacheTTL > 0 {
		times := cacheTimes{ttl: s.cacheTTL, spare: s.staleIfError, idle: s.idle, lookup: s.store.LookupTimeout}
		p.cache = newCache(p.finder, times, p.foreign == nil)
		p.finder = p.cache
	}
	return p, nil
}

// Destruct gives the databases back.
func (p *population) Destruct() error {
	if p.table != nil {
		p.table.close()
	}
	err := closeDatabase(p.settings.store)
	if p.foreign != nil && p.foreign.writer != nil {
		err = errors.Join(err, closeDatabase(p.foreign.writerSettings))
	}
	return err
}

// keys returns the keys for companion cookies, or nil while there are none.
func (p *population) keys() *store.Keyring {
	if p.foreign != nil {
		return p.foreign.keys
	}
	return p.db.Keys()
}

// close gives the population back; the last one's going ends it.
func (p *population) close() error {
	_, err := populations.Delete(p.settings)
	return err
}

// create starts a session, and ends what it replaces on this node at once.
func (p *population) create(ctx context.Context, n store.NewSession, now time.Time) (string, *store.Session, error) {
	n.MaxPerUser = p.settings.maxPerUser
	token, session, err := p.sessions.Create(ctx, n, now)
	p.cache.forgetUser(n.User) // the oldest may have ended
	if n.Replaces != nil {
		p.cache.forget(*n.Replaces, err == nil)
	}
	return token, session, err
}

// end ends the session that a cookie stands for, on this node at once.
func (p *population) end(ctx context.Context, l format.Lookup) error {
	if p.foreign != nil {
		return p.revokeForeign(ctx, l)
	}
	_, err := p.revoke(ctx, l.Key)
	return err
}

// revoke ends a session, on this node at once.
func (p *population) revoke(ctx context.Context, key store.Key) (bool, error) {
	revoked, err := p.sessions.Revoke(ctx, key)
	p.cache.forget(key, err == nil)
	return revoked, err
}

// revokeUser ends all sessions of a user, on this node at once.
func (p *population) revokeUser(ctx context.Context, user string) (int64, error) {
	count, err := p.sessions.RevokeUser(ctx, user)
	p.cache.forgetUser(user)
	return count, err
}
