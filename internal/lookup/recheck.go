package lookup

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"github.com/seed-11312c3d/caddy-session/format"
)

const (
	// recheckers ask for sessions at the same time, so that databases which have
	// statements for many get them.
	recheckers = 64
	// recheckPiece is how many sessions are asked for between two looks at the cap.
	recheckPiece = 256
	// recheckSlack is how much later than usual a round may come before sessions
	// are asked for one by one.
	recheckSlack = 500 * time.Millisecond
)

// recheck asks the database again, in rounds, for the sessions that are in use: one
// that has ended, by whatever means and wherever, is served no longer than until
// the next round. Whoever was not asked for lately, because nobody used them or
// because this machine stood still, is asked for before being served.
//
// Nothing is put into the cache by it, so nothing can come back by it: a session
// stays, or goes.
type recheck struct {
	cache  *cache
	every  time.Duration // between two rounds
	slack  time.Duration
	most   int // sessions a second
	window atomic.Int64
	round  atomic.Uint32
	asking singleflight.Group
	closed chan struct{}
	log    *slog.Logger

	mu   sync.Mutex
	used []inUse // in this round
}

// inUse is a session that a request has used.
type inUse struct {
	lookup  format.Lookup
	session *Session
}

// recheckCap is for how many sessions a second a kind of database is asked at most:
// more makes rounds longer, never the database busier.
func recheckCap(database string) int {
	if database == "mysql" {
		return 500
	}
	return 2000
}

// newRecheck has a cache ask again. It runs until it is closed.
func newRecheck(c *cache, s Settings, most int, log *slog.Logger) *recheck {
	r := &recheck{
		cache: c, every: s.Recheck, slack: min(max(s.Recheck/2, recheckSlack), s.Store.LookupTimeout), most: most,
		closed: make(chan struct{}), log: log,
	}
	r.round.Store(1) // so that a session which nobody has used is of another
	r.plan(0)
	go r.run()
	return r
}

// close ends what goes on in the background.
func (c *cache) close() {
	if c != nil && c.again != nil {
		close(c.again.closed)
	}
}

// plan notes for how many sessions the next round asks, and returns how long that
// is to take at least.
func (r *recheck) plan(sessions int) time.Duration {
	length := max(r.every, time.Duration(sessions)*time.Second/time.Duration(r.most))
	r.window.Store((length + r.slack).Milliseconds())
	return length
}

// isFresh reports whether the database was asked for a session so lately that it
// may be served.
func (r *recheck) isFresh(s *Session, now time.Time) bool {
	return now.UnixMilli()-s.checked.Load() <= r.window.Load()
}

// use notes that a session is in use, once a round.
func (r *recheck) use(l format.Lookup, s *Session) {
	round := r.round.Load()
	if last := s.round.Load(); last == round || !s.round.CompareAndSwap(last, round) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.used) < cacheEntries {
		r.used = append(r.used, inUse{l, s})
	}
}

// run asks in rounds. They come a little earlier or later each time, so that many
// nodes do not ask at once; without sessions in use there is nothing to ask.
func (r *recheck) run() {
	wait := r.every
	for {
		select {
		case <-r.closed:
			return
		case <-time.After(wait - wait/20 + rand.N(wait/10+1)):
		}
		began := time.Now()
		r.mu.Lock()
		used := r.used
		r.used = nil
		r.mu.Unlock()
		r.round.Add(1)
		length := r.plan(len(used))
		r.askAll(used, length)
		wait = max(r.every/10, min(r.every, length-time.Since(began)))
	}
}

// askAll asks for sessions, evenly over the time that is planned where that is
// longer than the pause between two rounds. When the database does not answer it
// leaves the others as they are.
func (r *recheck) askAll(used []inUse, length time.Duration) {
	began := time.Now()
	for done := 0; done < len(used); done += recheckPiece {
		piece := used[done:min(done+recheckPiece, len(used))]
		if !r.askPiece(piece) {
			return
		}
		if length <= r.every {
			continue
		}
		due := began.Add(length * time.Duration(done+len(piece)) / time.Duration(len(used)))
		select {
		case <-r.closed:
			return
		case <-time.After(time.Until(due)):
		}
	}
}

// askPiece asks for a few sessions at once, and reports whether the database has
// answered. What would end a request must not end all of Caddy here.
func (r *recheck) askPiece(piece []inUse) (answered bool) {
	var away atomic.Bool
	var group errgroup.Group
	group.SetLimit(recheckers)
	for _, u := range piece {
		group.Go(func() (err error) {
			defer func() {
				if recover() != nil {
					r.log.Error("asking for a session again panicked")
				}
			}()
			if away.Load() || r.isChecked(u.session) {
				return nil
			}
			if _, err := r.ask(context.Background(), u.lookup, u.session, time.Now()); StatusOf(err) == StatusUnavailable {
				away.Store(true)
			}
			return nil
		})
	}
	_ = group.Wait()
	return !away.Load()
}

// isChecked reports whether a request has asked for the session a moment ago.
func (r *recheck) isChecked(s *Session) bool {
	return time.Now().UnixMilli()-s.checked.Load() < (r.every / 2).Milliseconds()
}

// ask asks the database for a session that is remembered, and forgets it where it
// has ended or changed. It returns the one to be served; while the database does
// not answer that is the one that is remembered, with the error.
func (r *recheck) ask(ctx context.Context, l format.Lookup, s *Session, now time.Time) (*Session, error) {
	epoch, asked := r.cache.epoch.Load(), time.Now().UnixMilli() // what ends after this is not seen
	fresh, err := r.cache.source.Find(ctx, l, now)
	var reason format.Reason
	switch {
	case errors.As(err, &reason):
		r.cache.invalidate(l.Key, false)
		return nil, err
	case err != nil:
		return s, err
	case !s.sameAs(fresh):
		r.cache.invalidate(l.Key, false)
		fresh.epoch = epoch
		fresh.checked.Store(asked)
		return fresh, nil
	}
	s.sawUse(fresh.seen)
	s.checked.Store(asked)
	r.cache.keep(l.Key)
	return s, nil
}

// confirm asks for a session before it is served. Requests of the same session
// share the answer.
func (r *recheck) confirm(ctx context.Context, l format.Lookup, s *Session, now time.Time) (*Session, error) {
	answer, err, _ := r.asking.Do(string(l.Key[:]), func() (any, error) {
		return r.ask(ctx, l, s, now)
	})
	found, _ := answer.(*Session)
	if found != nil && !r.cache.serves(found, now) {
		found = nil
	}
	return found, err
}
