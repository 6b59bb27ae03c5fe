//go:build !nopostgres || (!nomariadb && (!nomysql || (nobadger && nopgx)))

package store

import (
	"database/sql"
	"log/slog"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// aging are the words of each server for what its connections are.
var aging = map[string]struct {
	fresh           func(testing.TB) string
	count, id, wait string
}{
	"postgres": {
		storetest.Postgres, `SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
		`SELECT pg_backend_pid()`, `SELECT pg_sleep(1)`,
	},
	"mysql": {
		storetest.MySQL, `SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()`,
		`SELECT CONNECTION_ID()`, `SELECT SLEEP(1)`,
	},
}

func eachAging(t *testing.T, a ages, f func(t *testing.T, kind, url string, p pool)) {
	defer func(was ages) { connAges = was }(connAges)
	connAges = a
	for kind, words := range aging {
		t.Run(kind, func(t *testing.T) {
			url := words.fresh(t)
			s, err := New(Settings{URL: url, MaxConns: 6}, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			if err := s.StartNow(t.Context()); err != nil {
				t.Fatal(err)
			}
			f(t, kind, url, s.live.Load().pool)
		})
	}
}

// After a burst the connections go, and leave them to other nodes.
func TestIdleConnectionsGo(t *testing.T) {
	if connAges.idle+connAges.idle/2 > time.Minute {
		t.Error("not within a minute:", connAges.idle)
	}
	eachAging(t, ages{idle: 200 * time.Millisecond, most: time.Hour}, func(t *testing.T, kind, url string, p pool) {
		db := storetest.Open(t, url)
		db.SetMaxOpenConns(1) // which does not count itself
		for range 6 {
			go func() { _ = p.query(t.Context(), aging[kind].wait, nil, func(scan) error { return nil }) }()
		}
		storetest.Eventually(t, "all connections are used", func() bool { return ask(t, db, aging[kind].count) == 6 })
		storetest.Eventually(t, "none is left", func() bool { return ask(t, db, aging[kind].count) == 0 })
	})
}

// A connection that is always in use is made anew, too.
func TestConnectionsHaveAMaximumAge(t *testing.T) {
	if connAges.most > 10*time.Minute {
		t.Error("not minutes:", connAges.most)
	}
	eachAging(t, ages{idle: time.Hour, most: time.Second}, func(t *testing.T, kind, _ string, p pool) {
		var first int64
		storetest.Eventually(t, "another connection is used", func() bool {
			var id int64
			if _, err := one(t.Context(), p, aging[kind].id, nil, &id); err != nil {
				t.Fatal(err)
			}
			if first == 0 {
				first = id
			}
			return id != first
		})
	})
}

func ask(t *testing.T, db *sql.DB, text string) (n int64) {
	t.Helper()
	if err := db.QueryRow(text).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
