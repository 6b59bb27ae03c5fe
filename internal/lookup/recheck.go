package lookup

import (
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/seed-11312c3d/caddy-session/format"
)

const (
	// recheckers ask at the same time where each session has a question of its own.
	recheckers = 64
	// recheckPiece is how many sessions are asked for in one question, and between two
	// looks at the cap.
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
// Requests under way end with their sessions, and so does what they have become.
//
// What it finds changes what is in the cache, and is never added to it, so nothing
// can come back by it.
type recheck struct {
	realm  *Realm
	source finder
	many   func([]format.Lookup, time.Time) ([]found, error) // nil: it takes one at a time
	every  time.Duration                                     // between two rounds; 0: there are none
	slack  time.Duration
	most   int // sessions a second
	window atomic.Int64
	round  atomic.Uint32
	size   atomic.Int64 // of the last round, in sessions
	asking singleflight.Group
	closed chan struct{}
	log    *slog.Logger

	// version changes when anybody has changed the database, where that is known.
	version func() (int64, bool)
	// isWhole means that it changes with every change. Then the database is in the
	// same state as long as it stays the same, and need not be asked twice.
	isWhole bool
	seen    int64
	state   atomic.Uint32 // counts those that are known to have been
	looked  atomic.Int64  // when it was looked whether it is another, in Unix milliseconds

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

// newRecheck makes a realm able to ask again, and has it ask in rounds where its
// settings say so, until it is closed.
func newRecheck(r *Realm, source finder, most int, s Settings, log *slog.Logger) *recheck {
	again := &recheck{
		realm: r, source: source, every: s.Recheck, most: most, closed: make(chan struct{}), log: log,
		slack: min(max(s.Recheck/2, recheckSlack), s.Store.LookupTimeout),
	}
	again.round.Store(1) // so that a session which nobody has used is of another
	again.state.Store(1) // nor is one that nobody has asked for of this
	again.plan(0)
	if _, ok := r.backend.(*native); ok {
		again.version, again.isWhole = r.dataVersion, r.db.Dialect() == "sqlite"
		if t, ok := source.(*table); ok && !again.isWhole {
			again.many = t.findMany
		}
	}
	if s.Recheck > 0 {
		go again.run()
	}
	return again
}

// close ends what goes on in the background.
func (r *recheck) close() { close(r.closed) }

// plan notes for how many sessions the next round asks, and returns how long that
// is to take at least.
func (r *recheck) plan(sessions int) time.Duration {
	length := max(r.every, time.Duration(sessions)*time.Second/time.Duration(r.most))
	r.size.Store(int64(sessions))
	r.window.Store((length + r.slack).Milliseconds())
	return length
}

// RecheckRound is how long the rounds take at present in which the database is asked
// again for what is in use; 0: there are none.
func (r *Realm) RecheckRound() time.Duration {
	return max(r.again.every, time.Duration(r.again.size.Load())*time.Second/time.Duration(r.again.most))
}

// isFresh reports whether the database was asked for a session so lately that it may
// be served, or is known so lately not to have changed since.
func (r *recheck) isFresh(s *Session, now time.Time) bool {
	window := r.window.Load()
	return s.wasChecked(now, window) || r.isWhole && s.state.Load() == r.state.Load() && isNear(now, r.looked.Load(), window)
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
// nodes do not ask at once; without sessions in use there is nothing to ask. Those
// with open streams are asked for first, and at least every second.
func (r *recheck) run() {
	tick, used := min(r.every, streamsEvery), 0
	for since, wait := tick, tick; ; since += tick {
		changed, closed := r.wait(wait - wait/20 + rand.N(wait/10+1))
		if closed {
			return
		}
		began := time.Now()
		list := r.realm.streams.sessions(r.realm, nil)
		if changed || since >= r.every {
			since = 0
			inUse := r.takeUsed()
			used = len(inUse)
			list = append(list, inUse...)
		}
		length := r.plan(max(used, len(list)))
		isChecked := r.isChecked
		switch {
		case r.isWhole:
			isChecked = r.isUnchanged
		case changed:
			isChecked = func(s *Session) bool { return s.wasChecked(time.Now(), time.Since(began).Milliseconds()-1) }
		}
		if !r.askAll(list, length, isChecked) {
			r.endExpired(list, time.Now())
		}
		wait = max(tick/10, min(tick, length-time.Since(began)))
	}
}

// takeUsed begins a new round, and returns what was used in the last.
func (r *recheck) takeUsed() []inUse {
	r.mu.Lock()
	defer r.mu.Unlock()
	used := r.used
	r.used = nil
	r.round.Add(1)
	return used
}

// endExpired ends the streams of sessions that are over, whatever the database
// would say.
func (r *recheck) endExpired(list []inUse, now time.Time) {
	for _, u := range list {
		if !u.session.alive(now, 0) {
			r.realm.streams.end(u.lookup.Key)
		}
	}
}

// askAll asks for sessions, evenly over the time that is planned where that is
// longer than the pause between two rounds. When the database does not answer it
// leaves the others as they are.
func (r *recheck) askAll(list []inUse, length time.Duration, isChecked func(*Session) bool) (answered bool) {
	began := time.Now()
	for done := 0; done < len(list); done += recheckPiece {
		piece := list[done:min(done+recheckPiece, len(list))]
		if !r.askPiece(piece, isChecked) {
			return false
		}
		if length <= r.every {
			continue
		}
		due := began.Add(length * time.Duration(done+len(piece)) / time.Duration(len(list)))
		select {
		case <-r.closed:
			return true
		case <-time.After(time.Until(due)):
		}
	}
	return true
}
