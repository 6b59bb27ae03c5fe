package lookup

import (
	"context"
	"math"
	"sync/atomic"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
)

// Activity is the use that one request makes of its session, from its beginning
// to the end of what it has become: a long answer, an upload, a WebSocket. Many
// may note it at once.
type Activity struct {
	realm *Realm
	due   atomic.Int64 // in Unix milliseconds

	// Whoever has set due to busy has these until it sets another time.
	lookup  format.Lookup
	session *Session
}

// busy is a due time that never comes.
const busy = math.MaxInt64

// Begin notes that a session is used by a request, unless that was noted lately,
// and reports whether there is anything to note later. It is called once.
func (a *Activity) Begin(r *Realm, s *Session, l format.Lookup, now time.Time) bool {
	interval := r.backend.interval()
	if interval <= 0 {
		return false
	}
	a.realm, a.lookup, a.session = r, l, s
	a.note(now, interval)
	return true
}

// Note notes that the session is still used, at most once an interval. Between
// two notes it costs one atomic read. It asks the database only after the
// session has, for all that is known here, been idle for too long: then others
// may have used it, or it is over, and what is over is not brought back.
func (a *Activity) Note(now time.Time) {
	due := a.due.Load()
	if now.UnixMilli() < due || !a.due.CompareAndSwap(due, busy) {
		return
	}
	interval := a.realm.backend.interval()
	if !a.session.alive(now, a.realm.settings.Idle) {
		s, err := a.realm.Find(context.Background(), a.lookup, now)
		if err != nil {
			a.due.Store(now.Add(interval).UnixMilli())
			return
		}
		a.session = s
	}
	a.note(now, interval)
}

// note leaves a note with the backend if it is time, and says when the next is.
func (a *Activity) note(now time.Time, interval time.Duration) {
	if a.session.touch(now, interval) {
		a.realm.backend.touch(a.lookup.Key, now)
	}
	a.due.Store(a.session.noted() + interval.Milliseconds())
}
