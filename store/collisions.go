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
// ends. Nothing of what has collided has happened.
func (s *Store) persist(ctx context.Context, do func() error) error {
	return persist(ctx, s.dialect.collided, do)
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
