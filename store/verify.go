package store

import (
	"context"
	"errors"
	"sync"
	"time"
)

// keyReading reads the keys when a token names one that is not known: it may have
// been made by another node a moment ago, or while this one slept.
type keyReading struct {
	mu    sync.Mutex
	began time.Time     // of the last reading
	done  chan struct{} // closed when it has ended; nil: there was none
	err   error         // how it ended
}

// keyReadingPause lies at least between two readings: who makes up tokens has the
// database asked once a second, however many they are.
const keyReadingPause = time.Second

var errKeysUnread = errors.New("the keys were not read in time")

// Verify returns what the value of a realm's cookie says, and reports false for what
// no node of this store has made. It fails with [ErrUnavailable] while the keys are
// not known; a token with a key that is new here has them read, in the time that a
// lookup has.
func (s *Store) Verify(realm, cookie, value string) (Token, bool, error) {
	keys := s.Keys()
	if keys == nil {
		return Token{}, false, s.errNotReady("checking a cookie")
	}
	t, ok := keys.Verify(realm, cookie, value)
	if ok {
		s.use()
	}
	if ok || !keys.Lacks(value) {
		return t, ok, nil
	}
	if err := s.learnKeys(); err != nil {
		return Token{}, false, s.unavailable("reading the keys for a cookie", err)
	}
	if keys = s.Keys(); keys == nil {
		return Token{}, false, s.errNotReady("checking a cookie")
	}
	t, ok = keys.Verify(realm, cookie, value)
	return t, ok, nil
}

// learnKeys reads the keys, or waits for who does, or knows the answer of a moment ago.
func (s *Store) learnKeys() error {
	k := &s.reading
	k.mu.Lock()
	if k.done != nil && time.Since(k.began) < keyReadingPause {
		done := k.done
		k.mu.Unlock()
		return k.await(done, s.settings.LookupTimeout)
	}
	k.began, k.err = time.Now(), errKeysUnread
	done := make(chan struct{})
	k.done = done
	k.mu.Unlock()
	defer close(done)
	ctx, cancel := context.WithTimeout(s.life.ctx, s.settings.LookupTimeout)
	defer cancel()
	err := s.readKeys(ctx)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.done == done {
		k.err = err
	}
	return err
}

// await returns how a reading ends, if it does in time.
func (k *keyReading) await(done chan struct{}, patience time.Duration) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-done:
		k.mu.Lock()
		defer k.mu.Unlock()
		return k.err
	case <-timer.C:
		return errKeysUnread
	}
}
