//go:build !nopostgres && !nomariadb && (!nomysql || (nobadger && nopgx))

package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// A store that never reaches its database still closes at once.
func TestCloseWhileWaiting(t *testing.T) {
	s, _ := newStore(t, store.Settings{URL: "postgres://u:" + storetest.Password + "@127.0.0.1:1/db"})
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := s.Close(); err != nil || time.Since(began) > 2*time.Second {
		t.Error(err, time.Since(began))
	}
}

// Whoever gives up waiting for a start gets an error.
func TestStartIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s, _ := newStore(t, store.Settings{URL: "mysql://u@127.0.0.1:1/db"})
	if err := s.Start(ctx); err == nil {
		t.Error("a cancelled start succeeded")
	}
}
