package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed-11312c3d/caddy-session/store/address"
)

// ErrUnavailable is wrapped by every error that means: the database could not
// be asked, so nobody knows. It never means that there is no session.
var ErrUnavailable = errors.New("the session database is unavailable")

// ErrOverload means that a lookup's time has passed in this process's own queue.
// It says nothing of the database, which may be answering others.
var ErrOverload = errors.New("more is asked than the database answers in time")

// ErrUnreadable means that there is a row, but not one that this package has
// written: somebody else has changed it.
var ErrUnreadable = errors.New("the session's row cannot be read")

// ErrBadValue means that a query can make nothing of the value that it was given:
// another one would have been answered.
var ErrBadValue = errors.New("the query cannot read the value that it was given")

// Store is one database that sessions live in. All its methods may be called
// by many at the same time.
type Store struct {
	settings Settings
	dialect  *dialect
	place    string // where the database is, for people
	log      *slog.Logger
	names    *strings.Replacer
	texts    sync.Map // statements in the database's words
	now      func() time.Time
	conns    *Connections // shared with other stores; nil: with none

	live      atomic.Pointer[live]
	lookups   gatherer
	activity  activity
	idle      idleTimes
	sighted   *Sightings
	reading   keyReading
	usage     usage
	holder    string // of leases
	abandoned abandoned
	locks     locks
	gone      atomic.Pointer[faultError] // the SQLite file was lost, and is waited for
	life      lifecycle
}

// live is what there is once the database has been reached.
type live struct {
	pool pool
	keys atomic.Pointer[Keyring]
}

// New makes a store, which logs to log. It opens nothing until it is started; its
// errors are those of [Settings.Check]. It must be closed.
func New(s Settings, log *slog.Logger) (*Store, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	d, err := dialectOf(s.URL)
	if err != nil {
		return nil, err
	}
	a, err := address.Parse(s.URL)
	if err != nil {
		return nil, err
	}
	s.Schema = s.schema(a)
	s = s.withDefaults()
	store := &Store{settings: s, dialect: d, place: place(a), names: tableNames(s, d.quote), now: time.Now, sighted: NewSightings(), holder: newHolder()}
	store.log = log.With("database", d.name, "at", store.place)
	if len(a.Ignored) > 0 && s.Access != ForeignWrite { // who writes has said it as a reader
		store.log.Warn("parameters of the database's URL mean nothing here and are ignored", "parameters", strings.Join(a.Ignored, ", "))
	}
	store.lookups = gatherer{patience: s.LookupTimeout, one: store.findOneUntil, many: store.findMany, isAway: store.IsAway}
	store.activity.pending = make(map[Key]note)
	store.abandoned.keys = make(map[Key]leftover)
	store.idle.longest = make(map[string]time.Duration)
	store.use()
	store.life.ctx, store.life.cancel = context.WithCancel(context.Background())
	return store, nil
}

// Ready reports whether the database has been reached and its tables are in order.
// It stays so while the database is away, unless a SQLite file has vanished.
func (s *Store) Ready() bool { return s.live.Load() != nil }

// Keys returns the keys that tokens are made with, or nil while the store is
// not ready.
func (s *Store) Keys() *Keyring {
	if l := s.live.Load(); l != nil {
		return l.keys.Load()
	}
	return nil
}

// Dialect returns the kind of database: sqlite, postgres or mysql.
func (s *Store) Dialect() string { return s.dialect.name }

// Find reads at most one row of a query with one parameter into dest. No row
// is no error. A lookup takes no longer than the LookupTimeout, and does not
// end when ctx does: a client that hangs up must not break a connection that
// others will use.
func (s *Store) Find(ctx context.Context, q Query, arg any, dest ...any) (found bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.settings.LookupTimeout)
	defer cancel()
	return s.find(ctx, q, arg, dest)
}

func (s *Store) find(ctx context.Context, q Query, arg any, dest []any) (found bool, err error) {
	l := s.live.Load()
	if l == nil {
		return false, s.errNotReady("finding a session")
	}
	found, err = l.pool.find(ctx, q.text, arg, dest)
	for s.askAgain(ctx, err) {
		found, err = l.pool.find(ctx, q.text, arg, dest)
	}
	switch {
	case err == nil:
		return found, nil
	case errors.Is(err, ErrUnreadable):
		return false, fmt.Errorf("finding a session: %w", err)
	case s.dialect.badValue(err):
		return false, fmt.Errorf("finding a session: %w", ErrBadValue) // the database's own words repeat it
	}
	return false, s.unavailable("finding a session", err)
}

// ownFile reports that lookups are answered in this process. Their pool keeps
// its own time: a context that ends costs more than the lookup.
func (s *Store) ownFile() bool { return s.dialect.embedded && s.settings.Access == Own }

// IsAway reports an error that means that the database does not answer, as
// opposed to an answer that nothing can be made of.
func (s *Store) IsAway(err error) bool { return s.dialect.isAway(err) || s.awaitsPrimary(err) }

// awaitsPrimary reports that a server takes no changes where there are some to be
// made. It may do so later, or the address lead to another one: that passes, as a
// file's mode does not.
func (s *Store) awaitsPrimary(err error) bool {
	return err != nil && !s.dialect.embedded && s.settings.Access != ForeignRead && s.dialect.readOnly(err)
}

// write runs a statement over the store's own tables.
func (s *Store) write(ctx context.Context, doing, text string, args ...any) (n int64, err error) {
	err = s.ask(ctx, doing, func(ctx context.Context, p pool) error {
		n, err = p.exec(ctx, s.own(text), args...)
		return err
	})
	return n, err
}

// read runs a query over the store's own tables.
func (s *Store) read(ctx context.Context, doing, text string, args []any, each func(scan) error) error {
	return s.ask(ctx, doing, func(ctx context.Context, p pool) error {
		return p.query(ctx, s.own(text), args, each)
	})
}

// inTx runs statements that all happen, or all do not.
func (s *Store) inTx(ctx context.Context, doing string, do func(context.Context, runner) error) error {
	return s.ask(ctx, doing, func(ctx context.Context, p pool) error {
		return p.inTx(ctx, func(r runner) error { return do(ctx, r) })
	})
}

// ask does something with the database, in bounded time and not depending on
// whether the client still waits: half a login is worse than a late one.
func (s *Store) ask(ctx context.Context, doing string, do func(context.Context, pool) error) error {
	l := s.live.Load()
	if l == nil {
		return s.errNotReady(doing)
	}
	patience := writePatience * s.settings.LookupTimeout
	if deadline, ok := ctx.Deadline(); ok {
		patience = min(patience, time.Until(deadline))
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := s.persist(ctx, func() error { return do(ctx, l.pool) }); err != nil {
		return s.unavailable(doing, err)
	}
	return nil
}

// oneLine keeps an error on one line of the log: drivers list each address
// that they tried on a line of its own.
func oneLine(err error) error {
	if !strings.ContainsAny(err.Error(), "\n\t") {
		return err
	}
	return flatError{err}
}

type flatError struct{ error }

// Error returns the text with single spaces.
func (e flatError) Error() string { return strings.Join(strings.Fields(e.error.Error()), " ") }

// Unwrap returns the original error.
func (e flatError) Unwrap() error { return e.error }
