package store

import (
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
func (r *renewal) due() bool {
	now, last := time.Now().UnixMilli(), r.last.Load()
	return now-last >= renewPause.Milliseconds() && r.last.CompareAndSwap(last, now)
}
