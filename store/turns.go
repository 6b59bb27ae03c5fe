package store

import (
	"context"
	"fmt"
)

// turns has writes take at most half of the connections. A server that commits
// nothing, since it waits for a standby or a backup, holds each of them until its
// time is over; lookups, which it answers, go on with the others.
type turns chan struct{}

func newTurns(conns int) turns { return make(turns, max(1, conns/2)) }

// take waits for a turn, which done gives back. Who has none, of a database in this
// process, need not wait.
func (t turns) take(ctx context.Context) (done func(), err error) {
	if t == nil {
		return func() {}, nil
	}
	select {
	case t <- struct{}{}:
		return func() { <-t }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for other writes: %w", ctx.Err())
	}
}
