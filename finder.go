package caddysession

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
)

// finder finds the session that a cookie stands for: the database, or a cache
// in front of it. It fails with a [format.Reason] when there is none, and with
// an error that wraps [store.ErrUnavailable] when that cannot be known. With the
// reason errStale there is a session all the same.
type finder interface {
	Find(ctx context.Context, l format.Lookup, now time.Time) (*found, error)
}

// tableFinder asks the database for each session. When the database has
// stopped answering, it is left alone but for a try now and then: callers get
// their answer at once instead of after the lookup_timeout.
type tableFinder struct {
	db      *database
	format  format.Format
	breaker *gobreaker.CircuitBreaker[*found]
	unasked atomic.Pointer[format.Lookup] // what could not be answered last
	closed  chan struct{}
	log     *slog.Logger
}

const (
	// tripAfter failures in a row mean that the database does not answer.
	tripAfter = 5
	// tryEvery is how long it is left alone then: within a second of its
	// return everything works again.
	tryEvery = 250 * time.Millisecond
)

func newTableFinder(db *database, f format.Format, log *slog.Logger) *tableFinder {
	t := &tableFinder{db: db, format: f, closed: make(chan struct{}), log: log}
	t.breaker = gobreaker.NewCircuitBreaker[*found](gobreaker.Settings{
		Timeout:     time.Nanosecond, // whoever tries knows when
		ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= tripAfter },
		// A row that makes the database fail must not keep it from the others.
		IsSuccessful: func(err error) bool { return !db.IsAway(err) },
		OnStateChange: func(_ string, from, to gobreaker.State) {
			switch {
			case from == gobreaker.StateClosed: // not each time that a try has failed
				log.Warn("the session database does not answer; sessions that are not in memory get 503 until it does")
				go t.keepTrying()
			case to == gobreaker.StateClosed:
				log.Info("the session database answers again")
			}
		},
	})
	return t
}

// errLeftAlone is the answer while the database is not asked.
var errLeftAlone = fmt.Errorf("finding a session: %w: it has not answered lately", store.ErrUnavailable)

// Find implements finder.
func (t *tableFinder) Find(ctx context.Context, l format.Lookup, now time.Time) (*found, error) {
	if err := t.db.hold(); err != nil {
		return nil, err
	}
	defer t.db.release()
	if !t.db.Ready() {
		return t.ask(ctx, l, now) // which says so
	}
	if t.breaker.State() != gobreaker.StateClosed {
		t.next(l) // one that never succeeds must not be the only one that is tried
		return nil, errLeftAlone
	}
	return t.try(ctx, l, now)
}

// try asks, and notes how that went.
func (t *tableFinder) try(ctx context.Context, l format.Lookup, now time.Time) (*found, error) {
	f, err := t.breaker.Execute(func() (*found, error) {
		f, err := t.ask(ctx, l, now)
		if t.db.IsAway(err) {
			t.next(l)
		}
		return f, err
	})
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		err = errLeftAlone // since a moment ago
	}
	return f, err
}

// next says what is asked when the database is tried again.
func (t *tableFinder) next(l format.Lookup) { t.unasked.Store(&l) }

func (t *tableFinder) ask(ctx context.Context, l format.Lookup, now time.Time) (*found, error) {
	session, err := t.format.Find(ctx, t.db, l, now)
	if err != nil {
		return nil, err
	}
	return newFound(session), nil
}

// keepTrying asks what could not be answered last, until it can be. Nobody's
// request has to wait for that.
func (t *tableFinder) keepTrying() {
	tick := time.NewTicker(tryEvery)
	defer tick.Stop()
	for t.breaker.State() != gobreaker.StateClosed {
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
func (t *tableFinder) tryAgain(now time.Time) {
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
func (t *tableFinder) close() { close(t.closed) }
