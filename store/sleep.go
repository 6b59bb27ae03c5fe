package store

import (
	"sync"
	"sync/atomic"
	"time"
)

// A database that nobody asks for anything may be put to sleep by whoever runs it,
// and is paid for by the hour where it is not. So what goes on in the background
// rests when no session has been used for a while, and goes on with the next one.

// rests are how long things rest; changed by tests only.
var rests = struct {
	after time.Duration // the last use, what goes on in the background stops
	round time.Duration // lies between two rounds of it
}{time.Minute, time.Minute}

// usage is when a session was used last.
type usage struct {
	last atomic.Int64 // in Unix milliseconds

	mu   sync.Mutex
	wake chan struct{} // closed when there is a use after a rest
}

// use notes that a session is used, now and then only: requests come by the thousand.
func (s *Store) use() {
	u := &s.usage
	now := time.Now().UnixMilli()
	last := u.last.Load()
	ago := max(now-last, last-now) // a clock may be set back, too
	if ago < rests.after.Milliseconds()/60 || !u.last.CompareAndSwap(last, now) {
		return
	}
	if ago >= rests.after.Milliseconds() {
		u.mu.Lock()
		defer u.mu.Unlock()
		if u.wake != nil {
			close(u.wake)
			u.wake = nil
		}
	}
}

// waking returns what is closed at the next use after a rest, or nil where there is
// no reason to rest.
func (u *usage) waking() <-chan struct{} {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.wake == nil {
		u.wake = make(chan struct{})
	}
	if time.Now().UnixMilli()-u.last.Load() < rests.after.Milliseconds() {
		return nil
	}
	return u.wake
}

// pauseInUse waits, longer while no session is used, and reports false when the
// store is closed meanwhile.
func (s *Store) pauseInUse(d time.Duration) bool {
	if !s.pause(d) {
		return false
	}
	wake := s.usage.waking()
	if wake == nil {
		return true
	}
	select {
	case <-wake:
		return true
	case <-s.life.ctx.Done():
		return false
	}
}
