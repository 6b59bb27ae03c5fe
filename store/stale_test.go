package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// onAllConnections finds a session at the same time on each connection of a pool.
func onAllConnections(t *testing.T, find func() error) {
	t.Helper()
	var lookups sync.WaitGroup
	for range 8 {
		lookups.Go(func() {
			for range 4 {
				if err := find(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	lookups.Wait()
}

// The other program alters its table while we hold prepared statements on each
// connection. No lookup notices (D6).
func TestD6_AnAlteredTableIsNotNoticed(t *testing.T) {
	for kind, fresh := range map[string]func(testing.TB) string{"postgres": storetest.Postgres, "mysql": storetest.MySQL} {
		t.Run(kind, func(t *testing.T) {
			address := fresh(t)
			db := storetest.Open(t, address)
			mustExec(t, db, "CREATE TABLE theirs (id varchar(20) PRIMARY KEY, user_id varchar(20))")
			mustExec(t, db, "INSERT INTO theirs VALUES ('s1', 'alice')")
			s, _ := newStore(t, store.Settings{URL: address, Access: store.ForeignRead, MaxConns: 4})
			if err := s.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			q := s.Query("SELECT * FROM theirs WHERE id = ?")
			columns := 2
			find := func() error {
				texts := make([]*string, columns)
				dest := make([]any, columns)
				for i := range dest {
					dest[i] = &texts[i]
				}
				if found, err := s.Find(t.Context(), q, "s1", dest...); !found || err != nil || *texts[1] != "alice" {
					return fmt.Errorf("%d columns: %v, %v", columns, found, err)
				}
				return nil
			}
			onAllConnections(t, find)
			mustExec(t, db, "ALTER TABLE theirs ADD COLUMN note varchar(20)")
			columns++
			onAllConnections(t, find)
			mustExec(t, db, "ALTER TABLE theirs ADD COLUMN more varchar(20)")
			columns++
			onAllConnections(t, find)
		})
	}
}

// The same for the module's own table, in transactions, too.
func TestD6_AStatementThatThePoolerForgot(t *testing.T) {
	for name, mode := range map[string]string{"by default": "", "where the URL insists": "&default_query_exec_mode=cache_statement"} {
		t.Run(name, func(t *testing.T) {
			s, _ := newStore(t, store.Settings{URL: storetest.Postgres(t) + mode, MaxConns: 1})
			if err := s.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			x := s.Sessions("main", idle, lifetime)
			_, session := create(t, x, "alice", time.Now())
			for range 3 {
				if find(t, x, session.Key) == nil {
					t.Error("not found")
				}
				if _, err := s.Exec(t.Context(), s.Query("DEALLOCATE ALL")); err != nil {
					t.Fatal(err)
				}
				if find(t, x, session.Key) == nil {
					t.Error("not found after the statements were forgotten")
				}
				if _, err := s.Exec(t.Context(), s.Query("DEALLOCATE ALL")); err != nil {
					t.Fatal(err)
				}
				create(t, x, "bob", time.Now())
			}
		})
	}
}

// MySQL wants a statement prepared anew. The function fails as the server does,
// every other time (D6).
func TestD6_MySQLWantsAStatementPreparedAnew(t *testing.T) {
	for _, number := range []int{1615, 1243} {
		t.Run(fmt.Sprint(number), func(t *testing.T) {
			address := storetest.MySQL(t)
			db := storetest.Open(t, address)
			mustExec(t, db, "CREATE TABLE calls (n int) ENGINE=MyISAM") // what fails does not undo it
			mustExec(t, db, "INSERT INTO calls VALUES (0)")
			mustExec(t, db, "CREATE TABLE other (n int)")
			mustExec(t, db, fmt.Sprintf("CREATE FUNCTION fails() RETURNS int BEGIN UPDATE calls SET n = n + 1; IF (SELECT n %% 2 FROM calls) THEN SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = %d; END IF; RETURN 7; END", number))
			s, _ := newStore(t, store.Settings{URL: address, Access: store.ForeignWrite})
			if err := s.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				var n int64
				if found, err := s.Find(t.Context(), s.Query("SELECT fails() + ?"), 1, &n); !found || err != nil || n != 8 {
					t.Error("find:", found, err, n)
				}
				rows := 0
				err := s.Each(t.Context(), s.Query("SELECT fails() + ?"), []any{1}, func(scan func(...any) error) error { rows++; return scan(&n) })
				if rows != 1 || err != nil {
					t.Error("each:", rows, err)
				}
				if _, err := s.Exec(t.Context(), s.Query("INSERT INTO other VALUES (fails() + ?)"), 1); err != nil {
					t.Error("exec:", err)
				}
			}
			calls := 0
			if err := db.QueryRow("SELECT n FROM calls").Scan(&calls); calls != 12 || err != nil {
				t.Error(calls, "calls,", err)
			}
		})
	}
}
