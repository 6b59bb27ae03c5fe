//go:build !nopostgres || (!nomariadb && (!nomysql || (nobadger && nopgx)))

package store

import (
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// crowds are servers that allow thirty connections.
var crowds = map[string]struct {
	start func(testing.TB) *storetest.Server
	most  []string
	count string // of connections, but for the one that asks
}{
	"postgres": {
		storetest.StartPostgres,
		[]string{"-c", "max_connections=30"},
		`SELECT COUNT(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
	},
	"mysql": {
		storetest.StartMySQL,
		[]string{"--max-connections=30"},
		`SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'tester' AND id <> CONNECTION_ID()`,
	},
}

// Twelve nodes that all want eight connections at once share thirty: a lookup or a
// login that gets none waits for one, and after the burst they go (F2).
func TestF2_TwelveNodesAndThirtyConnections(t *testing.T) {
	defer func(was ages) { connAges = was }(connAges)
	connAges = ages{idle: 2 * time.Second, most: time.Hour}
	for kind, crowd := range crowds {
		t.Run(kind, func(t *testing.T) {
			server := crowd.start(t)
			server.Stop()
			server.With(crowd.most...)
			server.Start()
			db := storetest.Open(t, server.URL())
			db.SetMaxOpenConns(1)
			ask(t, db, crowd.count) // or there would be none left for it
			var nodes []*Sessions
			for range 12 {
				s, err := New(Settings{URL: server.URL(), MaxConns: 8, LookupTimeout: 20 * time.Second}, slog.New(slog.DiscardHandler))
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = s.Close() })
				if err := s.StartNow(t.Context()); err != nil {
					t.Fatal(err)
				}
				nodes = append(nodes, s.Sessions("main", time.Hour, time.Hour))
			}
			var clients sync.WaitGroup
			for i := range 12 * 8 {
				clients.Go(func() { loginFindLogout(t, nodes[i%12]) })
			}
			clients.Wait()
			most := ask(t, db, crowd.count)
			storetest.Eventually(t, "the connections go", func() bool { return ask(t, db, crowd.count) == 0 })
			t.Log("connections after the burst:", most)
		})
	}
}

func loginFindLogout(t *testing.T, x *Sessions) {
	for range 2 {
		_, session, err := x.Create(t.Context(), NewSession{Identity: Identity{User: "alice"}}, time.Now())
		if err != nil {
			t.Error("a login:", err)
			return
		}
		if row, err := x.Find(session.Key); row == nil || err != nil {
			t.Error("a lookup:", row, err)
		}
		if ended, err := x.Revoke(t.Context(), session.Key); !ended || err != nil {
			t.Error("a logout:", ended, err)
		}
	}
}
