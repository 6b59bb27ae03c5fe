package lookup

import (
	"sync"
	"sync/atomic"
)

// tripAfter failures in a row mean that the database does not answer.
const tripAfter = 5

// breaker knows whether the database answers. While it does not, one goroutine
// keeps trying.
type breaker struct {
	open     atomic.Bool  // it does not answer
	failures atomic.Int32 // in a row

	mu     sync.Mutex // of changes; what is well costs no lock
	trying bool       // somebody keeps trying; guarded by mu
}

// answered notes an answer, whatever it says. It reports whether that is news.
func (b *breaker) answered() (news bool) {
	if b.failures.Load() == 0 {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failures.Store(0)
	return b.open.CompareAndSwap(true, false)
}

// failed notes that there was no answer. It reports whether that is news, so
// that the caller is to keep trying.
func (b *breaker) failed() (news bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failures.Add(1) < tripAfter || !b.open.CompareAndSwap(false, true) {
		return false
	}
	news, b.trying = !b.trying, true
	return news
}

// goOn reports whether whoever keeps trying has to go on.
func (b *breaker) goOn() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trying = b.open.Load()
	return b.trying
}
