package store

import (
	"context"
	"sync"
	"time"
)

const (
	maxAbandoned = 10_000 // beyond, a row stays until it is idle for too long
	// lateCommit is how long a commit may be on its way whose client has given up: as
	// long as a system repeats what was sent on a connection that is closed already.
	lateCommit = 15 * time.Minute
)

// abandoned are sessions whose start has failed, or so it seemed: when a connection
// is lost at the commit, nobody knows whether the row is there. Nobody has got their
// tokens. They are ended as soon as the database answers, and again for a while, for
// the commit may come later than the answer.
type abandoned struct {
	mu   sync.Mutex
	keys map[Key]leftover
}

// leftover is what is known of such a session.
type leftover struct {
	realm    string
	ends     time.Time // by itself
	next     time.Time // when to try again
	answered time.Time // when the database said first that there is no such row
}

// abandon has the row of a failed start ended in the background.
func (s *Store) abandon(row *Row) {
	a := &s.abandoned
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.keys) < maxAbandoned {
		a.keys[Key(row.Key)] = leftover{realm: row.Realm, ends: time.UnixMilli(row.Expires)}
	}
}

// due are those to be tried now.
func (a *abandoned) due(now time.Time) map[Key]leftover {
	a.mu.Lock()
	defer a.mu.Unlock()
	due := make(map[Key]leftover)
	for key, l := range a.keys {
		if !l.next.After(now) {
			due[key] = l
		}
	}
	return due
}

// tried notes that the database has answered: n rows were ended. Pauses become as
// long as the time that has passed since its first answer.
func (a *abandoned) tried(key Key, l leftover, n int64, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if l.answered.IsZero() {
		l.answered = now
	}
	since := now.Sub(l.answered)
	if n > 0 || since >= lateCommit || !l.ends.After(now) {
		delete(a.keys, key)
		return
	}
	l.next = now.Add(max(flushInterval, since))
	a.keys[key] = l
}

// endAbandoned tries until the store is closed, and once more then.
func (s *Store) endAbandoned() {
	for s.pause(flushInterval) {
		s.endLeftovers(s.life.ctx)
	}
	ctx, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	s.endLeftovers(ctx)
}

// endLeftovers ends what is due. When the database does not answer, the rest waits
// for the next time.
func (s *Store) endLeftovers(ctx context.Context) {
	ended := 0
	for key, l := range s.abandoned.due(s.now()) {
		n, err := s.endLeftover(ctx, key, l)
		if err != nil {
			break
		}
		s.abandoned.tried(key, l, n, s.now())
		ended += int(n)
	}
	if ended > 0 {
		s.log.Info("ended sessions of logins that were answered with an error", "sessions", ended)
	}
}

func (s *Store) endLeftover(ctx context.Context, key Key, l leftover) (int64, error) {
	live := s.live.Load()
	if live == nil {
		return 0, ErrUnavailable
	}
	ctx, cancel := context.WithTimeout(ctx, writePatience*s.settings.LookupTimeout)
	defer cancel()
	return live.pool.exec(ctx, s.own(deleteSession), key.number(), key[:], l.realm)
}
