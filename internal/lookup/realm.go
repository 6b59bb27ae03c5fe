package lookup

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
)

// realms holds every realm at work by its settings: a reload that leaves them
// unchanged keeps it.
var realms = caddy.NewUsagePool()

// Realm is a realm at work: its database, its format, and what is remembered of
// both. Its methods may be called by many at the same time.
type Realm struct {
	settings Settings
	db       *database
	backend  backend
	table    *table
	cache    *cache    // nil: every lookup asks the database
	finder   finder    // the table, or the cache in front of it
	unknowns *unknowns // nil: a cookie that anybody could make up costs no query
	again    *recheck  // asks again for what is in use
	streams  *streams  // the requests under way
}

// Open takes the realm with these settings out of the pool, or puts one in. The
// options are another program's, or nil. It touches no database. Whoever opens a
// realm gives it back with [Realm.Close].
func Open(s Settings, options *format.Options, log *slog.Logger) (*Realm, error) {
	value, _, err := realms.LoadOrNew(s, func() (caddy.Destructor, error) {
		all := openStreams(s.Realm)
		r, err := newRealm(s, options, all, log)
		if err != nil {
			_, _ = registries.Delete(s.Realm)
			return nil, err
		}
		return r, nil
	})
	if err != nil {
		return nil, err
	}
	return value.(*Realm), nil
}

// New makes a realm that nobody shares, for those who only come for a moment.
// It ends with [Realm.CloseNow].
func New(s Settings, options *format.Options, log *slog.Logger) (*Realm, error) {
	return newRealm(s, options, new(streams), log)
}

func newRealm(s Settings, options *format.Options, all *streams, log *slog.Logger) (*Realm, error) {
	db, err := openDatabase(s.Store, log)
	if err != nil {
		return nil, err
	}
	r := &Realm{settings: s, db: db, streams: all}
	if options == nil {
		r.backend = newNative(s, db)
	} else if r.backend, err = newForeign(s, *options, db, log); err != nil {
		return nil, errors.Join(err, closeDatabase(s.Store))
	}
	r.table = newTable(db, r.backend, log.With("realm", s.Realm))
	if options == nil {
		r.table.endings = newEndings(r.backend.end, log.With("realm", s.Realm))
	}
	young := newborn{lag: s.Lag, patience: s.Store.LookupTimeout}
	r.finder = uncached{r.table, young}
	if s.MaxUnknown > 0 && !r.backend.signed() {
		r.unknowns = newUnknowns(s.MaxUnknown)
	}
	if s.CacheTTL > 0 {
		times := cacheTimes{ttl: s.CacheTTL, stale: s.StaleIfError, idle: s.Idle, lookup: s.Store.LookupTimeout}
		r.cache = newCache(r.table, times, options == nil)
		r.cache.newborn = young
		r.finder = r.cache
	}
	r.again = newRecheck(r, r.table, recheckCap(db.Dialect()), s, log.With("realm", s.Realm))
	if r.cache != nil && s.Recheck > 0 {
		r.cache.again = r.again
	}
	return r, nil
}

// Place says where the database is, without a secret.
func (r *Realm) Place() string { return r.db.Place() }

// Close gives the realm back; the last one's going ends it.
func (r *Realm) Close() error {
	_, err := realms.Delete(r.settings)
	return err
}

// Destruct gives the databases back, when the last request has ended that came
// under these settings.
func (r *Realm) Destruct() error {
	if caddy.Exiting() || r.streams.isIdle(r) {
		return r.end()
	}
	go r.endWhenIdle()
	return nil
}

// endWhenIdle goes on looking after the streams of a configuration that was
// replaced.
func (r *Realm) endWhenIdle() {
	for !r.streams.isIdle(r) {
		time.Sleep(closeDelay)
	}
	_ = r.end() // nobody is left who could do anything about an error
}

func (r *Realm) end() error {
	r.again.close()
	r.table.close()
	_, err := registries.Delete(r.settings.Realm)
	return errors.Join(err, closeDatabase(r.settings.Store), r.backend.close())
}

// CloseNow ends the connections of a realm that nobody shares.
func (r *Realm) CloseNow() error {
	r.again.close()
	r.table.close()
	return errors.Join(r.db.Close(), r.backend.closeNow())
}

// Start opens the database. One that is merely not there yet is no error: the
// realm keeps trying. Requests that came before wait for the end of it.
func (r *Realm) Start(ctx context.Context) error {
	defer r.db.startedOnce()
	return r.backend.start(ctx, (*store.Store).Start)
}

// StartNow is Start for those who only come for a moment: a database that is
// not there is an error.
func (r *Realm) StartNow(ctx context.Context) error {
	return r.backend.start(ctx, (*store.Store).StartNow)
}

// Hold keeps the database open until [Realm.Release] is called. It fails when
// the realm's configuration was replaced too long ago.
func (r *Realm) Hold() error { return r.db.hold() }

// Release ends a successful [Realm.Hold].
func (r *Realm) Release() { r.db.release() }

// WriteContext bounds a login's or logout's statements. They are finished even
// when the client hangs up.
func (r *Realm) WriteContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), r.settings.Store.LookupTimeout)
}

// Lookup turns a cookie's value into what finds its row, see [format.Format].
// It waits while the database is being started for the first time, at most as
// long as a lookup may take.
func (r *Realm) Lookup(cookie string, now time.Time) (format.Lookup, error) {
	r.db.await(r.settings.Store.LookupTimeout)
	return r.backend.Lookup(cookie, now)
}

// LookupFormer is Lookup for a cookie under the name that it had formerly. Only
// tokens that do not say which cookie they were made for are from then.
func (r *Realm) LookupFormer(cookie string, now time.Time) (format.Lookup, error) {
	if !store.HoldsForAnyCookie(cookie) {
		return format.Lookup{}, format.ErrMalformed
	}
	return r.Lookup(cookie, now)
}

// Find finds the session, in memory or in the database. It fails with a
// [format.Reason] when there is none, and with an error that wraps
// [store.ErrUnavailable] when that cannot be known; [StatusOf] has a word for
// each. With [StatusStale] there is a session all the same.
func (r *Realm) Find(ctx context.Context, l format.Lookup, now time.Time) (*Session, error) {
	return r.finder.Find(ctx, l, now)
}

// BoundsClients reports whether [Realm.FindFor] needs to know who asks.
func (r *Realm) BoundsClients() bool { return r.unknowns != nil }

// FindFor is Find on behalf of a client, by its network address. It fails with
// [ErrFlood] where that has asked for too many sessions that do not exist; those in
// memory are found all the same.
func (r *Realm) FindFor(ctx context.Context, client string, l format.Lookup, now time.Time) (*Session, error) {
	if r.unknowns == nil {
		return r.finder.Find(ctx, l, now)
	}
	if r.cache != nil {
		if s, ok := r.cache.hit(l, now); ok {
			return s, nil
		}
	}
	return r.unknowns.find(client, l.Key, now, func() (*Session, error) { return r.finder.Find(ctx, l, now) })
}

// Tries is how many different values of the cookie are looked at.
func (r *Realm) Tries() int { return r.backend.tries() }

// ProgramCookie is another program's own name for the cookie; empty where there
// is none.
func (r *Realm) ProgramCookie() string { return r.backend.cookie() }

// ProgramCookieElse is its name where the browser has none of the first.
func (r *Realm) ProgramCookieElse() string { return r.backend.cookieElse() }

// IsToken reports whether a cookie carries a token of this realm. By its proof a
// token is one under whatever name; while the realm's keys are not known yet,
// name says whether the cookie has the right one and the form must do.
func (r *Realm) IsToken(value string, name bool) bool {
	mints, known := r.backend.mints(value)
	return mints && (known || name)
}

// IsCredential reports whether a cookie of that name is a key of another
// program's besides its session's, see [format.Foreign.IsCredential].
func (r *Realm) IsCredential(name string) bool { return r.backend.isCredential(name) }

// CompanionKeys are the keys for companion cookies, or nil while there are none.
func (r *Realm) CompanionKeys() *store.Keyring { return r.backend.companionKeys() }
