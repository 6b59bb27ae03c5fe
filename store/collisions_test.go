package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// serializable are databases where transactions collide as often as they can. What
// runs outside of a transaction of ours is serializable in PostgreSQL.
var serializable = map[string]func(testing.TB) string{
	"postgres": func(tb testing.TB) string {
		return storetest.Postgres(tb) + "&default_transaction_isolation=serializable"
	},
	"mysql": func(tb testing.TB) string { return storetest.MySQL(tb) + "&tx_isolation=%27SERIALIZABLE%27" },
}

// Whatever isolation is a database's default, logins and logouts of one user on many
// browsers at once, and on two nodes, do not fail for each other (F2).
func TestF2_LoginsOfOneUserDoNotCollide(t *testing.T) {
	for kind, fresh := range serializable {
		t.Run(kind, func(t *testing.T) {
			url := fresh(t)
			nodes := []*store.Sessions{patient(t, url), patient(t, url)}
			var browsers sync.WaitGroup
			for i := range 32 {
				browsers.Go(func() {
					for range 5 {
						loginAndOut(t, nodes[i%len(nodes)], i%4 == 0)
					}
				})
			}
			browsers.Wait()
		})
	}
}

// Where a database refuses one third of all COMMITs, and of the statements outside of a
// transaction, so that the client tries again, no login, lookup or logout fails for
// that, and none happens twice (F2).
func TestF2_WhatIsToBeTriedAgainIs(t *testing.T) {
	proxy := storetest.ConflictsBefore(t, storetest.StartPostgres(t))
	x := patient(t, proxy.URL())
	proxy.Refuse(3)
	var browsers sync.WaitGroup
	for range 8 {
		browsers.Go(func() {
			for range 10 {
				loginAndOut(t, x, false)
				_, session, err := x.Create(t.Context(), store.NewSession{Identity: store.Identity{User: "bob"}}, time.Now())
				if err != nil {
					t.Error("a login:", err)
					continue
				}
				if found, err := tryFind(x, session.Key); found == nil || err != nil {
					t.Error("a lookup:", found, err)
				}
				if _, err := x.Revoke(t.Context(), session.Key); err != nil {
					t.Error("a logout:", err)
				}
				if found, err := tryFind(x, session.Key); found != nil || err != nil {
					t.Error("a lookup after the logout:", found, err)
				}
			}
		})
	}
	browsers.Wait()
	refused := proxy.Refused()
	proxy.Refuse(0)
	if n, err := x.Count(t.Context(), "", time.Now()); n != 3 || err != nil {
		t.Error(n, "sessions are left:", err)
	}
	if refused < 100 {
		t.Error("only", refused, "were refused")
	}
	t.Log(refused, "were refused")
}

// patient has time for a deadlock or two, which PostgreSQL notices after a second.
func patient(t *testing.T, url string) *store.Sessions {
	s, _ := newStore(t, store.Settings{URL: url, LookupTimeout: 5 * time.Second})
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s.Sessions("main", idle, lifetime)
}

func loginAndOut(t *testing.T, x *store.Sessions, out bool) {
	began := time.Now()
	_, _, err := x.Create(t.Context(), store.NewSession{Identity: store.Identity{User: "alice"}, MaxPerUser: 3}, began)
	if err != nil {
		t.Error("a login:", time.Since(began), err)
	}
	if !out {
		return
	}
	if _, err := x.RevokeUser(t.Context(), "alice"); err != nil {
		t.Error("a logout:", time.Since(began), err)
	}
}

// Many nodes that meet an empty database under SERIALIZABLE all start (F4).
func TestF4_NodesMigrateAtOnceUnderSerializable(t *testing.T) {
	for kind, fresh := range serializable {
		t.Run(kind, func(t *testing.T) {
			url := fresh(t)
			var nodes sync.WaitGroup
			for range 12 {
				s, _ := newStore(t, store.Settings{URL: url, MaxConns: 2})
				nodes.Go(func() {
					if err := s.StartNow(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			nodes.Wait()
		})
	}
}

// A server whose log is one of statements takes no changes of a transaction that is
// READ COMMITTED: it gets another one.
func TestAMySQLServerThatLogsStatements(t *testing.T) {
	server := storetest.StartMySQL(t)
	server.Stop()
	server.With("--log-bin=log", "--server-id=1", "--binlog-format=STATEMENT")
	server.Start()
	s := started(t, server.URL())
	x := s.Sessions("main", idle, lifetime)
	_, session := create(t, x, "alice", time.Now())
	fillPool(t, s, x, session.Key)
	if ended, err := x.Revoke(t.Context(), session.Key); !ended || err != nil {
		t.Error(ended, err)
	}
	if n, err := s.Purge(t.Context(), time.Now().Add(2*lifetime)); n != 0 || err != nil {
		t.Error(n, err)
	}
	again := started(t, server.URL()) // its first change is a login's
	create(t, again.Sessions("main", idle, lifetime), "bob", time.Now())
}

// Where one in three statements is to be tried again, and those of others collide as
// well, tables are made all the same, from nothing, with one key (F4).
func TestF4_WhatIsToBeTriedAgainIsMigrated(t *testing.T) {
	server := storetest.StartPostgres(t)
	proxy := storetest.ConflictsBefore(t, server)
	proxy.Refuse(3)
	workTogether(t, startTogether(t, 4, store.Settings{}, proxy.URL()))
	off, _ := newStore(t, store.Settings{URL: proxy.URL(), Migrate: "off"})
	if err := off.StartNow(t.Context()); err != nil {
		t.Error("the start of one who may make no tables:", err)
	}
	var keys int
	if err := storetest.Open(t, server.URL()).QueryRow("SELECT COUNT(*) FROM caddy_session_keys").Scan(&keys); keys != 1 || err != nil {
		t.Error(keys, "keys:", err)
	}
	refused := proxy.Refused()
	if t.Log(refused, "were refused"); refused < 50 {
		t.Error("too few")
	}
}
