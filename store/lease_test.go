package store

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// Of many nodes one has the lease; it keeps it, and another one takes it when that
// node is gone.
func TestALeaseIsOfOneNode(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		now := time.Now()
		nodes := make([]*Store, 8)
		for i := range nodes {
			nodes[i] = leaseNode(t, url, &now)
		}
		first := holders(t, nodes)
		if len(first) != 1 {
			t.Fatal("holders:", first)
		}
		now = now.Add(leaseTime - time.Second)
		if kept := holders(t, nodes); len(kept) != 1 || kept[0] != first[0] {
			t.Error("the lease went from", first, "to", kept)
		}
		now = now.Add(leaseTime + time.Second)
		others := append(append([]*Store{}, nodes[:first[0]]...), nodes[first[0]+1:]...)
		if next := holders(t, others); len(next) != 1 {
			t.Error("after the holder has gone:", next)
		}
	})
}

// A node whose clock was years ahead keeps nobody waiting for years.
func TestALeaseFromTheFuture(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		now, future := time.Now(), time.Now().AddDate(10, 0, 0)
		if got, err := leaseNode(t, url, &future).lease(t.Context(), "x"); !got || err != nil {
			t.Fatal(got, err)
		}
		if got, err := leaseNode(t, url, &now).lease(t.Context(), "x"); !got || err != nil {
			t.Error(got, err)
		}
	})
}

func leaseNode(t *testing.T, url string, now *time.Time) *Store {
	t.Helper()
	s, err := New(Settings{URL: url, MaxConns: 2}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s.now = func() time.Time { return *now }
	if err := s.StartNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// holders are the nodes that get the lease when all ask at once.
func holders(t *testing.T, nodes []*Store) (got []int) {
	t.Helper()
	var asking sync.WaitGroup
	have := make([]atomic.Bool, len(nodes))
	for i, s := range nodes {
		asking.Go(func() {
			ok, err := s.lease(t.Context(), "x")
			if err != nil {
				t.Error(err)
			}
			have[i].Store(ok)
		})
	}
	asking.Wait()
	for i := range have {
		if have[i].Load() {
			got = append(got, i)
		}
	}
	return got
}
