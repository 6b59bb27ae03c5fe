package storetest

import (
	"testing"
	"time"
)

// patience bounds every wait. No test is right or wrong by how long it takes.
const patience = 60 * time.Second

// Eventually waits until something holds that happens in the background, a
// minute at most.
func Eventually(tb testing.TB, what string, holds func() bool) {
	tb.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !holds(); <-tick.C {
		if time.Now().After(deadline) {
			tb.Fatalf("waited in vain: %s", what)
		}
	}
}
