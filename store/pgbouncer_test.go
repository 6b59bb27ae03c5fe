package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

func TestContractPgBouncer(t *testing.T) {
	runContract(t, func(t *testing.T) string {
		if testing.Short() {
			t.Skip("not in a short run")
		}
		return storetest.PgBouncer(t, storetest.Postgres(t))
	})
}

// The pooler gives each transaction another connection, where the prepared
// statement is unknown or already there. Nobody notices.
func TestPgBouncerLosesStatements(t *testing.T) {
	url := storetest.PgBouncer(t, storetest.Postgres(t))
	stores := make([]*store.Store, 3)
	for i := range stores {
		stores[i] = started(t, url)
	}
	var clients sync.WaitGroup
	for i := range 12 {
		s := stores[i%len(stores)]
		x := s.Sessions("main", idle, lifetime)
		clients.Go(func() {
			for range 50 {
				_, session, err := x.Create(t.Context(), store.NewSession{Identity: store.Identity{User: "alice"}}, time.Now())
				if err != nil {
					t.Error("Create:", err)
					return
				}
				found, err := tryFind(x, session.Key)
				if err != nil || found == nil || found.Key != session.Key {
					t.Error("Find:", found, err)
				}
				x.Touch(session.Key, time.Now())
				if ended, err := x.Revoke(t.Context(), session.Key); !ended || err != nil {
					t.Error("Revoke:", ended, err)
				}
			}
		})
	}
	clients.Wait()
}
