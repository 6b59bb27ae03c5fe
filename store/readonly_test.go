package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// unwilling is a way in which a server takes no changes for a while.
type unwilling struct {
	name  string
	start func(testing.TB) *storetest.Server
	// url is of the user whom it concerns. Nil: everybody.
	url func(*testing.T, *storetest.Server) string
	// begin has the server take no changes, on new connections at least, and
	// leaves no older one.
	begin func(*testing.T, *storetest.Server)
	end   func(*testing.T, *storetest.Server)
}

// Where it is a matter of the connection those that were made meanwhile stay as
// they are: so it is when an address came to lead to another server.
var unwillings = []unwilling{
	{
		name: "postgres by its connections", start: storetest.StartPostgres,
		begin: func(t *testing.T, s *storetest.Server) {
			writing(t, s, "ALTER DATABASE postgres SET default_transaction_read_only = on",
				"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'")
		},
		end: func(t *testing.T, s *storetest.Server) {
			writing(t, s, "ALTER DATABASE postgres RESET default_transaction_read_only")
		},
	},
	{
		name: "postgres as a standby", start: storetest.StartPostgres,
		begin: func(_ *testing.T, s *storetest.Server) {
			s.Stop()
			s.Standby()
			s.Start()
		},
		end: func(t *testing.T, s *storetest.Server) { writing(t, s, "SELECT pg_promote()") },
	},
	{
		name: "mysql", start: storetest.StartMySQL, url: weakUser,
		begin: func(t *testing.T, s *storetest.Server) { writing(t, s, "SET GLOBAL read_only = 1") },
		end:   func(t *testing.T, s *storetest.Server) { writing(t, s, "SET GLOBAL read_only = 0") },
	},
	{
		name: "mysql by its connections", start: storetest.StartMySQL, url: weakUser,
		begin: func(t *testing.T, s *storetest.Server) {
			writing(t, s, "SET GLOBAL tx_read_only = 1", "KILL USER weak@localhost")
		},
		end: func(t *testing.T, s *storetest.Server) { writing(t, s, "SET GLOBAL tx_read_only = 0") },
	},
}

// weakUser makes a MySQL user who may not write where others may not.
func weakUser(t *testing.T, s *storetest.Server) string {
	writing(t, s, "CREATE USER weak@localhost IDENTIFIED BY '"+storetest.Password+"'", "GRANT ALL ON main.* TO weak@localhost")
	return strings.Replace(s.URL(), "mysql://tester", "mysql://weak", 1)
}

// writing runs statements as an administrator whom nothing concerns.
func writing(t *testing.T, s *storetest.Server, statements ...string) {
	t.Helper()
	url := s.URL()
	if strings.HasPrefix(url, "postgres:") {
		url += "&default_transaction_read_only=off"
	}
	db := storetest.Open(t, url)
	defer db.Close()
	for _, statement := range statements {
		mustExec(t, db, statement)
	}
}

func tryCreate(t *testing.T, x *store.Sessions) error {
	t.Helper()
	_, _, err := x.Create(t.Context(), store.NewSession{Identity: store.Identity{User: "alice"}}, time.Now())
	return err
}

// works fails the test unless logins work within a second.
func works(t *testing.T, x *store.Sessions) {
	t.Helper()
	began := time.Now()
	storetest.Eventually(t, "logins work again", func() bool { return tryCreate(t, x) == nil })
	if took := time.Since(began); took > time.Second {
		t.Error("logins work again after", took)
	}
}

// While a server takes no changes nobody logs in or out, lookups are answered, and
// all is well within a second of its end. When Caddy starts then, it is a server
// that is not there yet (F2).
func TestF2_AServerThatTakesNoChanges(t *testing.T) {
	for _, u := range unwillings {
		t.Run(u.name, func(t *testing.T) {
			server := u.start(t)
			url := server.URL()
			if u.url != nil {
				url = u.url(t, server)
			}
			t.Run("in service", func(t *testing.T) { unwillingInService(t, u, server, url) })
			t.Run("at a start", func(t *testing.T) { unwillingAtAStart(t, u, server, url) })
		})
	}
}

func unwillingInService(t *testing.T, u unwilling, server *storetest.Server, url string) {
	s, _ := newStore(t, store.Settings{URL: url})
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	x := s.Sessions("main", idle, lifetime)
	_, session := create(t, x, "alice", time.Now())
	fillPool(t, s, x, session.Key)
	u.begin(t, server)
	for range 20 {
		if err := tryCreate(t, x); !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "name the primary") {
			t.Fatal("a login:", err)
		}
		if _, err := x.Revoke(t.Context(), session.Key); !errors.Is(err, store.ErrUnavailable) {
			t.Fatal("a logout:", err)
		}
		fillPool(t, s, x, session.Key)
	}
	u.end(t, server)
	works(t, x)
	if ended, err := x.Revoke(t.Context(), session.Key); !ended || err != nil {
		t.Error("a logout:", ended, err)
	}
}

func unwillingAtAStart(t *testing.T, u unwilling, server *storetest.Server, url string) {
	u.begin(t, server)
	s, log := newStore(t, store.Settings{URL: url, TablePrefix: "later"})
	if err := s.Start(t.Context()); err != nil || s.Ready() {
		t.Fatal(err, s.Ready())
	}
	if text := log.String(); strings.Contains(text, "let the database user") || !strings.Contains(text, "name the primary") {
		t.Error("advice on rights, or none:", text)
	}
	x := s.Sessions("main", idle, lifetime)
	if err := tryCreate(t, x); !errors.Is(err, store.ErrUnavailable) {
		t.Error("a login:", err)
	}
	u.end(t, server)
	works(t, x)
}

// The same where the URL asks for a server that takes changes, and none does (F2).
func TestF2_NoServerIsThePrimaryAtAStart(t *testing.T) {
	server := storetest.StartPostgres(t)
	server.Stop()
	server.Standby()
	server.Start()
	var stores []*store.Store
	for _, target := range []string{"read-write", "primary"} {
		s, _ := newStore(t, store.Settings{URL: server.URL() + "&target_session_attrs=" + target})
		if err := s.Start(t.Context()); err != nil || s.Ready() {
			t.Fatal(err, s.Ready())
		}
		stores = append(stores, s)
	}
	writing(t, server, "SELECT pg_promote()")
	for _, s := range stores {
		works(t, s.Sessions("main", idle, lifetime))
	}
}

// notReady is how a node of a Galera cluster answers that is not part of it, here
// from a single server.
const notReady = "SIGNAL SQLSTATE '08S01' SET MYSQL_ERRNO = 1047, MESSAGE_TEXT = 'WSREP has not yet prepared node for application use'"

// A Galera node that is not ready is away, for logins and at a start (F2).
func TestF2_AGaleraNodeThatIsNotReady(t *testing.T) {
	url := storetest.MySQL(t)
	s := started(t, url)
	x := s.Sessions("main", idle, lifetime)
	db := storetest.Open(t, url)
	mustExec(t, db, "CREATE TRIGGER refuse BEFORE INSERT ON caddy_session_sessions FOR EACH ROW "+notReady)
	if err := tryCreate(t, x); !errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrUnusable) {
		t.Error("a login:", err)
	}
	mustExec(t, db, "DROP TRIGGER refuse")
	works(t, x)

	mustExec(t, db, "ALTER TABLE caddy_session_migrations RENAME TO kept")
	mustExec(t, db, "CREATE FUNCTION refuse() RETURNS BIGINT BEGIN "+notReady+"; RETURN 1; END")
	mustExec(t, db, "CREATE VIEW caddy_session_migrations AS SELECT refuse() AS version, '' AS name, 0 AS applied")
	later, log := newStore(t, store.Settings{URL: url})
	if err := later.Start(t.Context()); err != nil || later.Ready() {
		t.Fatal(err, later.Ready())
	}
	if text := log.String(); !strings.Contains(text, "1047") || strings.Contains(text, "let the database user") {
		t.Error(text)
	}
	mustExec(t, db, "DROP VIEW caddy_session_migrations")
	mustExec(t, db, "ALTER TABLE kept RENAME TO caddy_session_migrations")
	works(t, later.Sessions("main", idle, lifetime))
}

// What another program's tables are read by does not write, wherever it is: that
// connections refuse it passes by no waiting.
func TestF2_OurOwnReadOnlyConnectionsAreNoServersFault(t *testing.T) {
	for kind, fresh := range map[string]func(testing.TB) string{"postgres": storetest.Postgres, "mysql": storetest.MySQL} {
		t.Run(kind, func(t *testing.T) {
			url := fresh(t)
			mustExec(t, storetest.Open(t, url), "CREATE TABLE theirs (id VARCHAR(10))")
			s, _ := newStore(t, store.Settings{URL: url, Access: store.ForeignRead})
			if err := s.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			_, err := s.Exec(t.Context(), s.Query("INSERT INTO theirs (id) VALUES (?)"), "a")
			if err == nil || s.IsAway(err) {
				t.Error(err)
			}
		})
	}
}
