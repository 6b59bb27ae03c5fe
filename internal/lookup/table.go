package lookup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
)

// finder finds the session that a cookie stands for: the database, or a cache
// in front of it. It fails with a [format.Reason] when there is none, and with
// an error that wraps [store.ErrUnavailable] when that cannot be known. With the
// reason errStale there is a session all the same.
type finder interface {
	Find(ctx context.Context, l format.Lookup, now time.Time) (*Session, error)
}

// table asks the database for each session. When the database has stopped
// answering, it is left alone but for a try now and then: callers get their
// answer at once instead of after the lookup_timeout.
type table struct {
	db      *database
	format  format.Format
	breaker breaker
	endings *endings                      // nil: sessions start and end elsewhere
	unasked atomic.Pointer[format.Lookup] // what could not be answered last
	closed  chan struct{}

	leftAlone error // the answer while the breaker is open
	log       *slog.Logger
}

// tryEvery is how long a database that does not answer is left alone: within a
// second of its return everything works again.
const tryEvery = 250 * time.Millisecond

func newTable(db *database, f format.Format, log *slog.Logger) *table {
	return &table{db: db, format: f, closed: make(chan struct{}), leftAlone: leftAlone(db), log: log}
}

// leftAlone is the answer while the database is not asked.
func leftAlone(db *database) error {
	return fmt.Errorf("finding a session: %w at %s: it has not answered lately", store.ErrUnavailable, db.Place())
}

// Find implements finder.
func (t *table) Find(ctx context.Context, l format.Lookup, now time.Time) (*Session, error) {
	if err := t.db.hold(); err != nil {
		return nil, err
	}
	defer t.db.release()
	switch {
	case !t.db.Ready():
		return t.ask(ctx, l, now) // which says so
	case t.breaker.open.Load():
		t.unasked.Store(&l) // one that never succeeds must not be the only one that is tried
		return nil, t.leftAlone
	}
	return t.try(ctx, l, now)
}

// try asks, and notes how that went. Only an error that means that the database
// does not answer counts: a row that makes it fail must not keep it from others.
func (t *table) try(ctx context.Context, l format.Lookup, now time.Time) (*Session, error) {
	s, err := t.ask(ctx, l, now)
	t.note(l, err)
	return s, err
}

func (t *table) note(l format.Lookup, err error) {
	switch {
	case t.db.IsAway(err):
		t.unasked.Store(&l)
		if t.breaker.failed() {
			t.log.Warn("the session database does not answer; sessions that are not in memory get 503 until it does")
			go t.keepTrying()
		}
	case errors.Is(err, store.ErrOverload): // no evidence of either
	case t.breaker.answered():
		t.log.Info("the session database answers again")
	}
}

func (t *table) ask(ctx context.Context, l format.Lookup, now time.Time) (*Session, error) {
	session, err := t.format.Find(ctx, t.db, l, now)
	return t.known(l, session, err)
}

// manyFinder is a format that can ask for many sessions at once.
type manyFinder interface {
	FindMany(all []format.Lookup, now time.Time) ([]format.Found, error)
}

// found is the outcome of one lookup of many.
type found struct {
	session *Session
	err     error
}

// errOneByOne means that sessions have to be asked for by Find, each with its own
// outcome.
var errOneByOne = errors.New("sessions are asked for one by one")

// findMany asks a server for many sessions at once.
func (t *table) findMany(all []format.Lookup, now time.Time) ([]found, error) {
	many, ok := t.format.(manyFinder)
	if !ok || t.db.hold() != nil {
		return nil, errOneByOne
	}
	defer t.db.release()
	if !t.db.Ready() || t.breaker.open.Load() {
		return nil, errOneByOne
	}
	sessions, err := many.FindMany(all, now)
	if err != nil && !t.db.IsAway(err) {
		return nil, errOneByOne
	}
	if t.note(all[0], err); err != nil {
		return nil, err
	}
	outcomes := make([]found, len(all))
	for i, x := range sessions {
		outcomes[i].session, outcomes[i].err = t.known(all[i], x.Session, x.Err)
	}
	return outcomes, nil
}

// known is what is to be said of what the database has found.
func (t *table) known(l format.Lookup, session *store.Session, err error) (*Session, error) {
	if err != nil {
		return nil, err
	}
	if t.endings.include(session) {
		t.endings.endAgain(l, t.db)
		return nil, format.ErrUnknown
	}
	return NewSession(session), nil
}

// keepTrying asks what could not be answered last, until it can be. Nobody's
// request has to wait for that.
func (t *table) keepTrying() {
	tick := time.NewTicker(tryEvery)
	defer tick.Stop()
	for t.breaker.goOn() {
		select {
		case <-t.closed:
			return
		case now := <-tick.C:
			if t.db.hold() != nil {
				return
			}
			t.tryAgain(now)
			t.db.release()
		}
	}
}

// tryAgain leaves the outcome with the breaker. What would end a request must
// not end all of Caddy here.
func (t *table) tryAgain(now time.Time) {
	defer func() {
		if recover() != nil {
			t.log.Error("asking the session database panicked")
		}
	}()
	var l format.Lookup
	if unasked := t.unasked.Load(); unasked != nil {
		l = *unasked
	}
	_, _ = t.try(context.Background(), l, now)
}

// close ends what goes on in the background.
func (t *table) close() { close(t.closed) }
