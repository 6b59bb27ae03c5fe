package store_test

import (
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// Nodes of a fleet start at the same moment on an empty database that has no locks
// to offer: all start, with one key, again and again. Logins, logouts and purges of
// all of them at once do not fail (F4).
func TestF4_NodesMigrateAtOnceWithoutLocks(t *testing.T) {
	for name, fresh := range lockless {
		t.Run(name, func(t *testing.T) {
			url := fresh(t)
			for round := range 3 {
				stores := startTogether(t, 12, store.Settings{MaxConns: 2, TablePrefix: fmt.Sprint("round", round)}, url)
				if round == 2 {
					workTogether(t, stores)
				}
			}
		})
	}
}

// lockless are databases whose users may take no lock, nor read what they hold.
var lockless = map[string]func(testing.TB) string{
	"postgres": withoutAdvisoryLocks,
	"postgres serializable": func(tb testing.TB) string {
		return withoutAdvisoryLocks(tb) + "&default_transaction_isolation=serializable"
	},
	"mysql":              storetest.MySQL,
	"mysql serializable": serializable["mysql"],
	"sqlite":             storetest.SQLite,
}

// withoutAdvisoryLocks is a database and a user who may make tables in it, and may
// not call what takes an advisory lock.
func withoutAdvisoryLocks(tb testing.TB) string {
	tb.Helper()
	admin := storetest.Postgres(tb)
	db := storetest.Open(tb, admin)
	for _, statement := range []string{
		`DO $$ DECLARE f regprocedure; BEGIN
			FOR f IN SELECT oid::regprocedure FROM pg_proc WHERE proname LIKE 'pg\_%advisory%' LOOP
				EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
			END LOOP;
		END $$`,
		`DROP ROLE IF EXISTS lockless`,
		`CREATE ROLE lockless LOGIN PASSWORD '` + storetest.Password + `'`,
		`GRANT ALL ON SCHEMA public TO lockless`,
	} {
		mustExec(tb, db, statement)
	}
	tb.Cleanup(func() {
		db := storetest.Open(tb, admin)
		mustExec(tb, db, `DROP OWNED BY lockless CASCADE`)
		mustExec(tb, db, `DROP ROLE lockless`)
	})
	u, err := url.Parse(admin)
	if err != nil {
		tb.Fatal("malformed URL")
	}
	u.User = url.UserPassword("lockless", storetest.Password)
	lock := storetest.Open(tb, u.String())
	if _, err := lock.Exec(`SELECT pg_advisory_lock(1)`); err == nil {
		tb.Fatal("locks can be taken")
	}
	return u.String()
}

// startTogether starts stores at the same moment, all of which have to agree: at once,
// for they do not ask for the keys again within a minute.
// Each asks one of the servers that the URLs lead to.
func startTogether(t *testing.T, n int, settings store.Settings, urls ...string) []*store.Store {
	t.Helper()
	settings.LookupTimeout = 5 * time.Second
	began := time.Now()
	stores := make([]*store.Store, n)
	var nodes sync.WaitGroup
	for i := range stores {
		settings.URL = urls[i%len(urls)]
		stores[i], _ = newStore(t, settings)
		nodes.Go(func() {
			if err := stores[i].StartNow(t.Context()); err != nil {
				t.Error("node", i, time.Since(began), err)
			}
		})
	}
	nodes.Wait()
	if t.Failed() {
		t.FailNow()
	}
	token, _ := stores[0].Keys().Mint("main", "", time.Now())
	for i, s := range stores {
		if _, ok := s.Keys().Verify("main", "", token); !ok {
			t.Error("another key on node", i)
		}
	}
	return stores
}

// workTogether has all nodes log one user in and out, and purge what has expired, at
// the same moment: it is gone, and was counted once.
func workTogether(t *testing.T, stores []*store.Store) {
	t.Helper()
	now := time.Now()
	const each = 10
	expired := func(s *store.Store) {
		for range each {
			create(t, s.Sessions("past", idle, lifetime), "bob", now.Add(-2*lifetime))
		}
	}
	var nodes sync.WaitGroup
	for _, s := range stores {
		nodes.Go(func() { expired(s) })
	}
	nodes.Wait()
	var purged atomic.Int64
	for _, s := range stores {
		nodes.Go(func() { loginAndOut(t, s.Sessions("main", idle, lifetime), true) })
		nodes.Go(func() {
			n, err := s.Purge(t.Context(), now)
			if err != nil {
				t.Error("a purge:", err)
			}
			purged.Add(n)
		})
	}
	nodes.Wait()
	if n := int(purged.Load()); n != each*len(stores) {
		t.Error(n, "rows were purged of", each*len(stores))
	}
}
