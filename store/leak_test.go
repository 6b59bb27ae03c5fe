package store_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// A closed store leaves no goroutine behind (F5).
func TestF5_CloseLeavesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		before := runtime.NumGoroutine()
		for range 5 {
			s := started(t, url)
			x := s.Sessions("main", idle, lifetime)
			_, session := create(t, x, "alice", time.Now())
			x.Touch(session.Key, time.Now())
			find(t, x, session.Key)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		storetest.Eventually(t, "all goroutines have ended", func() bool { return runtime.NumGoroutine() <= before })
	})
}
