package store

import (
	"context"
	"math/rand/v2"
	"time"
)

// What the database gives up for another transaction's sake is tried again after a
// random part of a pause that begins with the time of a few transactions and
// doubles: those that collided must not all come back at the same moment.
const (
	firstCollisionPause = 10 * time.Millisecond
	lastCollisionPause  = 250 * time.Millisecond
)

// persist does something until it does not collide with what others do, or ctx
// ends. Nothing of what has collided has happened, nor of what has got no connection.
func (s *Store) persist(ctx context.Context, do func() error) error {
	for limit := firstCollisionPause; ; limit = min(2*limit, lastCollisionPause) {
		err := do()
		if err == nil || !s.dialect.collided(err) && !s.dialect.full(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(rand.N(limit)):
		}
	}
}

// connPause bounds the random pause before a lookup asks again for a connection.
const connPause = 50 * time.Millisecond

// mayConnect waits and reports true where a server had no connection left for a
// lookup. Those that this node has will be free in a moment, and other nodes give
// theirs back when they do not use them.
func (s *Store) mayConnect(ctx context.Context, err error) bool {
	if err == nil || !s.dialect.full(err) {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(rand.N(connPause)):
		return true
	}
}
