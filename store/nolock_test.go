package store_test

import (
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// Nodes of a fleet start at the same moment on an empty database that has no locks
// to offer: all start, with one key, again and again (F4).
func TestF4_NodesMigrateAtOnceWithoutLocks(t *testing.T) {
	for name, fresh := range lockless {
		t.Run(name, func(t *testing.T) {
			url := fresh(t)
			for round := range 3 {
				startTogether(t, store.Settings{URL: url, MaxConns: 2, TablePrefix: fmt.Sprint("round", round)}, 12)
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

// startTogether starts stores at the same moment, all of which have to agree.
func startTogether(t *testing.T, settings store.Settings, n int) {
	t.Helper()
	began := time.Now()
	stores := make([]*store.Store, n)
	var nodes sync.WaitGroup
	for i := range stores {
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
}
