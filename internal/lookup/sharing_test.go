package lookup

import (
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// openConnections are the words of each server for how many there are, but for the
// one that asks.
var openConnections = map[string]string{
	"postgres": `SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
	"mysql":    `SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()`,
}

// max_conns is what a process has of a database at most, though its realms have
// tables and times of their own; it ends with the last of them.
func TestRealmsShareTheConnectionsOfADatabase(t *testing.T) {
	for _, kind := range storetest.Kinds {
		count, isServer := openConnections[kind.Name]
		if !isServer {
			continue
		}
		t.Run(kind.Name, func(t *testing.T) {
			url := kind.Fresh(t)
			db := storetest.Open(t, url)
			db.SetMaxOpenConns(1)
			open := func() (n int) {
				if err := db.QueryRow(count).Scan(&n); err != nil {
					t.Fatal(err)
				}
				return n
			}
			var realms []*Realm
			for _, s := range []store.Settings{
				{TablePrefix: "one", LookupTimeout: 10 * time.Second},
				{TablePrefix: "two", LookupTimeout: 11 * time.Second},
				{TablePrefix: "one", LookupTimeout: 12 * time.Second},
			} {
				s.URL, s.MaxConns = url, 4
				r, err := New(Settings{Realm: "test", Store: s, Idle: time.Hour, Lifetime: time.Hour}, nil, slog.New(slog.DiscardHandler))
				if err != nil {
					t.Fatal(err)
				}
				if err := r.StartNow(t.Context()); err != nil {
					t.Fatal(err)
				}
				realms = append(realms, r)
			}
			var browsers sync.WaitGroup
			for i := range 96 {
				browsers.Go(func() {
					_, _, err := realms[i%len(realms)].Create(t.Context(), store.NewSession{Identity: store.Identity{User: "alice"}}, time.Now())
					if err != nil {
						t.Error(err)
					}
				})
			}
			browsers.Wait()
			if n := open(); n < 2 || n > 4 {
				t.Error(n, "connections")
			}
			// Each realm has tables of its own all the same, and one's end ends no other.
			l := loginOn(t, realms[0], "alice", time.Now())
			if err := realms[0].CloseNow(); err != nil {
				t.Error(err)
			}
			if _, err := realms[2].Find(t.Context(), l, time.Now()); err != nil {
				t.Error("the same table:", err)
			}
			if _, err := realms[1].Find(t.Context(), l, time.Now()); !errors.Is(err, format.ErrUnknown) {
				t.Error("another table:", err)
			}
			for _, r := range realms[1:] {
				if err := r.CloseNow(); err != nil {
					t.Error(err)
				}
			}
			storetest.Eventually(t, "the connections are gone", func() bool { return open() == 0 })
		})
	}
}
