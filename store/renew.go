package store

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// renewPause lies at least between two times that all connections are made anew:
// while a server takes no changes each login asks for it, and lookups, which are
// answered, would have to connect each time. It is a part of the second in which
// logins work again once the address leads to another server.
const renewPause = 250 * time.Millisecond

// renewal says when connections are made anew that lead to a server that takes no
// changes: their address may lead to another one by now, and they never will.
type renewal struct{ last atomic.Int64 } // in Unix milliseconds

// due reports, once in a while, that it is time.
func (r *renewal) due() bool { return r.dueAfter(renewPause) }

func (r *renewal) dueAfter(pause time.Duration) bool {
	now, last := time.Now().UnixMilli(), r.last.Load()
	return now-last >= pause.Milliseconds() && r.last.CompareAndSwap(last, now)
}

const (
	// silentInARow answers that did not come in time mean that none will on the
	// connections that there are: a frozen server, or one behind a broken network,
	// leaves them all as they are, and each would cost somebody their time.
	silentInARow = 3
	// silencePause lies at least between two times that connections are made anew
	// for that reason, for a server that is merely busy must not be made busier. What
	// was under way on the former ones has ended by then, nearly always.
	silencePause = 2 * time.Second
)

// silence notices that a server has stopped answering.
type silence struct {
	inARow  atomic.Int32
	renewal renewal
}

// lasts takes note of an outcome, and reports that connections are to be made anew.
func (s *silence) lasts(err error) bool {
	if !errors.Is(err, context.DeadlineExceeded) {
		if s.inARow.Load() != 0 {
			s.inARow.Store(0)
		}
		return false
	}
	if s.inARow.Add(1) < silentInARow || !s.renewal.dueAfter(silencePause) {
		return false
	}
	s.inARow.Store(0)
	return true
}
