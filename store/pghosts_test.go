package store_test

import (
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// A host that takes connections and says nothing costs the first ones their time,
// and those that come later nothing (F2).
func TestF2_ASilentHostIsTriedLast(t *testing.T) {
	pair := storetest.StartPair(t)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	var asked atomic.Int32
	go func() {
		for {
			conn, err := silent.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			asked.Add(1)
		}
	}()
	_, port, _ := net.SplitHostPort(pair.Primary.Address())
	for _, url := range []string{
		pair.Primary.Through([]string{silent.Addr().String(), "localhost:" + port}),
		pair.Primary.Through([]string{silent.Addr().String(), pair.Standby.Address(), pair.Primary.Address()}, "target_session_attrs=read-write"),
	} {
		asked.Store(0)
		s, _ := newStore(t, store.Settings{URL: url, LookupTimeout: 10 * time.Second})
		if err := s.Start(t.Context()); err != nil || !s.Ready() {
			t.Fatal(err, s.Ready())
		}
		x := s.Sessions("main", idle, lifetime)
		_, session := create(t, x, "alice", time.Now())
		before := asked.Load()
		fillPool(t, s, x, session.Key)
		if before == 0 || asked.Load() != before {
			t.Error("the silent host was asked", before, "times, and later", asked.Load()-before)
		}
	}
}
