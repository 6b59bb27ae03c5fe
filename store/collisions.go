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
	return persist(ctx, s.passing, do)
}

// persist does something again as long as its error is one of those that pass, and
// ctx has not ended.
func persist(ctx context.Context, passes func(error) bool, do func() error) error {
	for limit := firstCollisionPause; ; limit = min(2*limit, lastCollisionPause) {
		err := do()
		if err == nil || !passes(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(rand.N(limit)):
		}
	}
}

// passing reports an error that another try may be spared: it collided with what
// others do, or the server had no connection left. Those that this node has will be
// free in a moment, and other nodes give theirs back when they do not use them.
func (s *Store) passing(err error) bool {
	return err != nil && (s.dialect.collided(err) || s.dialect.full(err))
}

// lookupPause bounds the random pause before a lookup asks again.
const lookupPause = 50 * time.Millisecond

// askAgain waits for a moment and reports true where a lookup is worth another try.
func (s *Store) askAgain(ctx context.Context, err error) bool {
	if !s.passing(err) {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(rand.N(lookupPause)):
		return true
	}
}
