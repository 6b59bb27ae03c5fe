package store_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// otherProgram makes another program's table in a schema, and returns the URL of
// its database.
func otherTables(t *testing.T) string {
	t.Helper()
	address := storetest.Postgres(t)
	db := storetest.Open(t, address)
	mustExec(t, db, "CREATE SCHEMA app")
	mustExec(t, db, "CREATE TABLE app.sessions (id text PRIMARY KEY, user_id text, data bytea)")
	mustExec(t, db, "INSERT INTO app.sessions VALUES ('s1', 'alice', '\\x00ff')")
	return address
}

// reads makes sure that a store finds the other program's session in each way
// there is, and can write nothing.
func reads(t *testing.T, address string) *store.Store {
	t.Helper()
	s, _ := newStore(t, store.Settings{URL: address, Access: store.ForeignRead, MaxConns: 2})
	if err := s.Start(t.Context()); err != nil || !s.Ready() {
		t.Fatal("not ready:", err)
	}
	find := s.Query("SELECT user_id, data FROM app.sessions WHERE id = ?")
	for range 3 {
		var user string
		var data []byte
		if found, err := s.Find(t.Context(), find, "s1", &user, &data); !found || err != nil || user != "alice" || string(data) != "\x00\xff" {
			t.Fatal(found, err, user, data)
		}
		if found, err := s.Find(t.Context(), find, "s2", &user, &data); found || err != nil {
			t.Fatal(found, err)
		}
	}
	n := 0
	err := s.Each(t.Context(), s.Query("SELECT id FROM app.sessions WHERE user_id = ?"), []any{"alice"}, func(scan func(...any) error) error {
		n++
		var id string
		return scan(&id)
	})
	if n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if err := s.Check(t.Context(), find); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context(), s.Query("SELECT nothing FROM app.sessions WHERE id = ?")); !s.IsMissing(err) {
		t.Fatal(err)
	}
	for _, text := range []string{"DELETE FROM app.sessions WHERE id = ?", "UPDATE app.sessions SET user_id = 'mallory' WHERE id = ?"} {
		if n, err := s.Exec(t.Context(), s.Query(text), "s1"); err == nil || !strings.Contains(err.Error(), "read-only transaction") {
			t.Fatalf("%s: %d, %v", text, n, err)
		}
	}
	var user string
	if found, err := s.Find(t.Context(), find, "s1", &user, new([]byte)); !found || err != nil {
		t.Fatal("after what failed:", found, err)
	}
	return s
}

// What another program's tables are read by cannot write, whatever is between
// here and there (D6).
func TestD6_ForeignTablesAreReadOnlyBehindAPooler(t *testing.T) {
	address := otherTables(t)
	for name, c := range map[string]struct {
		lines []string // of PgBouncer's configuration
		param string
	}{
		"which refuses parameters":  {},
		"which ignores them":        {lines: []string{"ignore_startup_parameters = default_transaction_read_only,search_path"}},
		"of sessions":               {lines: []string{"pool_mode = session"}},
		"with target_session_attrs": {param: "&target_session_attrs=read-write"},
		"with a primary":            {param: "&target_session_attrs=primary"},
		"with a fixed mode":         {param: "&default_query_exec_mode=exec"},
	} {
		t.Run(name, func(t *testing.T) {
			reads(t, storetest.PgBouncer(t, address, c.lines...)+c.param)
			rows := 0
			if err := storetest.Open(t, address).QueryRow("SELECT count(*) FROM app.sessions WHERE user_id = 'alice'").Scan(&rows); rows != 1 || err != nil {
				t.Error(rows, err)
			}
		})
	}
}

// The driver's choice of a server is the one that the URL asks for, though our
// connections are read only (D6).
func TestD6_TargetSessionAttrsMeanTheServerAndNotUs(t *testing.T) {
	address := otherTables(t)
	for _, target := range []string{"any", "read-write", "primary", "prefer-standby"} {
		t.Run(target, func(t *testing.T) { reads(t, address+"&target_session_attrs="+target) })
	}
	for _, target := range []string{"read-only", "standby"} {
		t.Run(target, func(t *testing.T) {
			s, _ := newStore(t, store.Settings{URL: address + "&target_session_attrs=" + target, Access: store.ForeignRead})
			if err := s.StartNow(t.Context()); err == nil {
				t.Error("a primary is taken for a standby")
			}
		})
	}
	t.Run("a list of servers", func(t *testing.T) {
		dir, _ := url.Parse(address)
		list := "postgres://tester:" + storetest.Password + "@/" + strings.TrimPrefix(dir.Path, "/") + "?host=/nowhere&host=" + url.QueryEscape(dir.Query().Get("host")) + "&target_session_attrs=read-write"
		reads(t, list)
	})
}

// The schema of Prisma's URL is where tables are looked for, with and without a
// pooler, which takes no search_path (D6).
func TestD6_TheSchemaOfAURLIsFollowed(t *testing.T) {
	address := otherTables(t)
	for name, place := range map[string]string{"directly": address, "behind a pooler": storetest.PgBouncer(t, address)} {
		t.Run(name, func(t *testing.T) {
			for _, access := range []store.Access{store.ForeignRead, store.ForeignWrite} {
				s, _ := newStore(t, store.Settings{URL: place + "&schema=app", Access: access})
				if err := s.StartNow(t.Context()); err != nil {
					t.Fatal(err)
				}
				var user string
				q := s.Query("SELECT user_id FROM sessions WHERE id = ?")
				if found, err := s.Find(t.Context(), q, "s1", &user); !found || err != nil {
					t.Error(access, found, err)
				}
				if err := s.Check(t.Context(), q); err != nil {
					t.Error(access, err)
				}
				n, err := s.Exec(t.Context(), s.Query("UPDATE sessions SET user_id = 'alice' WHERE id = ?"), "s1")
				if access == store.ForeignWrite && (n != 1 || err != nil) || access == store.ForeignRead && err == nil {
					t.Error(access, n, err)
				}
			}
			own, _ := newStore(t, store.Settings{URL: place + "&schema=app", TablePrefix: "own"})
			if err := own.StartNow(t.Context()); err != nil {
				t.Fatal(err)
			}
			create(t, own.Sessions("main", idle, lifetime), "alice", time.Now())
		})
	}
	rows := 0
	if err := storetest.Open(t, address).QueryRow("SELECT count(*) FROM app.own_sessions").Scan(&rows); rows != 2 || err != nil {
		t.Error(rows, err)
	}
}

// A parameter of the URL that the pooler refuses is an error that names it and
// what to do, and nothing that waiting would heal (D6).
func TestD6_AParameterThatThePoolerRefuses(t *testing.T) {
	address := storetest.PgBouncer(t, storetest.Postgres(t)) + "&statement_timeout=1000"
	for _, access := range []store.Access{store.Own, store.ForeignRead} {
		s, _ := newStore(t, store.Settings{URL: address, Access: access})
		err := s.Start(t.Context())
		if err == nil || !strings.Contains(err.Error(), "no parameter statement_timeout") || !strings.Contains(err.Error(), "ignore_startup_parameters") {
			t.Errorf("%q: %v", access, err)
		}
	}
}
