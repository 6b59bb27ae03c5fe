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
// an error that wraps [store.ErrUnavailable] when that cannot be known.
type finder interface {
	Find(ctx context.Context, l format.Lookup, now time.Time) (*found, error)
}

// found is a session as it was found. Requests share it, so nothing of it
// changes but what is atomic.
type found struct {
	*store.Session
	epoch    uint64                        // the cache's, before the database was asked
	touched  atomic.Int64                  // when activity was noted last, in Unix milliseconds
	rendered atomic.Pointer[[]renderedFor] // header values, by guard
}

// renderedFor is what a guard makes of a session, once for all requests.
type renderedFor struct {
	guard  *Guard
	values []string
}

// valuesFor returns the header values that a guard has made of the session.
func (f *found) valuesFor(g *Guard) []string {
	if known := f.rendered.Load(); known != nil {
		for _, r := range *known {
			if r.guard == g {
				return r.values
			}
		}
	}
	return nil
}

// maxRendered bounds the memory that a session takes for guards.
const maxRendered = 8

// keepValues remembers a guard's header values. When two requests do so at
// once, one of the two is forgotten, and made again later.
func (f *found) keepValues(g *Guard, values []string) {
	var all []renderedFor
	known := f.rendered.Load()
	if known != nil && len(*known) < maxRendered {
		all = append(all, *known...)
	}
	all = append(all, renderedFor{g, values})
	f.rendered.CompareAndSwap(known, &all)
}

// alive reports whether the session is neither over nor idle for too long. A
// zero Expires means that its program knows no end; a zero idle, no idleness.
func (f *found) alive(now time.Time, idle time.Duration) bool {
	return (f.Expires.IsZero() || f.Expires.After(now)) && (idle == 0 || f.Seen.Add(idle).After(now))
}

// tableFinder asks the database for each session. When the database has
// stopped answering, it is left alone but for a try now and then: callers get
// their answer at once instead of after the lookup_timeout.
type tableFinder struct {
	db      *database
	format  format.Format
	breaker *gobreaker.CircuitBreaker[*found]
}

const (
	// tripAfter failures in a row mean that the database does not answer.
	tripAfter = 5
	// tryEvery is how long it is left alone then: within a second of its
	// return everything works again.
	tryEvery = 500 * time.Millisecond
)

func newTableFinder(db *database, f format.Format, log *slog.Logger) *tableFinder {
	return &tableFinder{db: db, format: f, breaker: gobreaker.NewCircuitBreaker[*found](gobreaker.Settings{
		Timeout:      tryEvery,
		ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= tripAfter },
		IsSuccessful: func(err error) bool { return statusOf(err) != statusUnavailable },
		OnStateChange: func(_ string, from, to gobreaker.State) {
			switch {
			case from == gobreaker.StateClosed: // not each time that a try has failed
				log.Warn("the session database does not answer; requests with a session get 503 until it does")
			case to == gobreaker.StateClosed:
				log.Info("the session database answers again")
			}
		},
	})}
}

// Find implements finder.
func (t *tableFinder) Find(ctx context.Context, l format.Lookup, now time.Time) (*found, error) {
	if err := t.db.hold(); err != nil {
		return nil, err
	}
	defer t.db.release()
	if !t.db.Ready() {
		return t.ask(ctx, l, now) // which says so
	}
	f, err := t.breaker.Execute(func() (*found, error) { return t.ask(ctx, l, now) })
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		err = fmt.Errorf("finding a session: %w: it has not answered lately", store.ErrUnavailable)
	}
	return f, err
}

func (t *tableFinder) ask(ctx context.Context, l format.Lookup, now time.Time) (*found, error) {
	session, err := t.format.Find(ctx, t.db, l, now)
	if err != nil {
		return nil, err
	}
	return &found{Session: session}, nil
}
