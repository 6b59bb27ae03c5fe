package store_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/seed-11312c3d/caddy-session/store"
)

func testManyAtOnce(t *testing.T, f *fixture) {
	const users, rounds = 100, 20 // more than are asked for in one statement
	keys := make([]store.Key, users)
	for i := range keys {
		_, s := create(t, f.x, fmt.Sprint("user", i), f.now)
		keys[i] = s.Key
	}
	var all sync.WaitGroup
	for i, key := range keys {
		all.Go(func() {
			for range rounds {
				if s, err := tryFind(f.x, key); err != nil || s == nil || s.User != fmt.Sprint("user", i) {
					t.Errorf("user %d was found as %+v: %v", i, s, err)
				}
			}
		})
		all.Go(func() {
			unknown := key
			unknown[31]++
			for range rounds {
				if s, err := tryFind(f.x, unknown); err != nil || s != nil {
					t.Errorf("what is not there was found as %+v: %v", s, err)
				}
			}
		})
	}
	all.Wait()
}
