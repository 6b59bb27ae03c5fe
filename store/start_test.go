package store_test

import (
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// Twelve nodes meet an empty database: one makes the tables, the others wait,
// and all agree on one key (F4).
func TestF4_TwelveNodesMigrateAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		stores := make([]*store.Store, 12)
		for i := range stores {
			stores[i], _ = newStore(t, store.Settings{URL: url, MaxConns: 2})
		}
		errs := make([]error, len(stores))
		var nodes sync.WaitGroup
		for i, s := range stores {
			nodes.Go(func() { errs[i] = s.StartNow(t.Context()) })
		}
		nodes.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		token, _ := stores[0].Keys().Mint("main", "", time.Now())
		for i, s := range stores {
			if _, ok := s.Keys().Verify("main", "", token); !ok {
				t.Error("another key on node", i)
			}
		}
		var keys int
		if err := storetest.Open(t, url).QueryRow("SELECT COUNT(*) FROM caddy_session_keys").Scan(&keys); keys != 1 || err != nil {
			t.Error(keys, "keys:", err)
		}
	})
}

func TestStartTwice(t *testing.T) {
	s := started(t, storetest.SQLite(t))
	for range 2 {
		if err := s.Start(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		if err := started(t, url).Close(); err != nil {
			t.Fatal(err)
		}
		mustExec(t, storetest.Open(t, url), "INSERT INTO caddy_session_migrations (version, name, applied) VALUES (9999, 'future', 0)")
		s, _ := newStore(t, store.Settings{URL: url})
		if err := s.Start(t.Context()); !errors.Is(err, store.ErrNewerSchema) {
			t.Error(err)
		}
		if have, known, err := s.SchemaVersion(t.Context()); have != 9999 || known >= have || err != nil {
			t.Error(have, known, err)
		}
	})
}

func TestTablesOfOthersAreRefused(t *testing.T) {
	for _, table := range []string{"sessions", "keys", "migrations"} {
		t.Run(table, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, url string) {
				mustExec(t, storetest.Open(t, url), "CREATE TABLE caddy_session_"+table+" (id INTEGER, data VARCHAR(10))")
				s, _ := newStore(t, store.Settings{URL: url})
				err := s.Start(t.Context())
				if err == nil || !strings.Contains(err.Error(), "caddy_session_"+table+" is not caddy-session's") || !strings.Contains(err.Error(), "another table_prefix") {
					t.Error(err)
				}
			})
		})
	}
}

func TestMigrateOff(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		off := store.Settings{URL: url, Migrate: "off", TablePrefix: "my"}
		s, _ := newStore(t, off)
		if err := s.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "caddy session migrate") {
			t.Fatal(err)
		}
		if have, _, err := s.SchemaVersion(t.Context()); have != 0 || err != nil {
			t.Error(have, err)
		}
		on, _ := newStore(t, store.Settings{URL: url, TablePrefix: "my"})
		if err := on.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		mustExec(t, storetest.Open(t, url), "DELETE FROM my_keys") // a key is made without migrations, too
		s, _ = newStore(t, off)
		if err := s.Start(t.Context()); err != nil || s.Keys() == nil {
			t.Error(err)
		}
	})
}

// A crash in the middle of a migration leaves tables, but no version.
func TestInterruptedMigrationIsRepaired(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		if err := started(t, url).Close(); err != nil {
			t.Fatal(err)
		}
		db := storetest.Open(t, url)
		mustExec(t, db, "DELETE FROM caddy_session_migrations")
		mustExec(t, db, "DROP TABLE caddy_session_keys")
		s := started(t, url)
		create(t, s.Sessions("main", idle, lifetime), "alice", time.Now())
	})
}

func TestSchema(t *testing.T) {
	url := storetest.Postgres(t)
	s, _ := newStore(t, store.Settings{URL: url, Schema: "app"})
	if err := s.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "CREATE SCHEMA app") {
		t.Fatal(err)
	}
	db := storetest.Open(t, url)
	mustExec(t, db, "CREATE SCHEMA app")
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	create(t, s.Sessions("main", idle, lifetime), "alice", time.Now())
	var n int
	if err := db.QueryRow("SELECT COUNT(*) FROM app.caddy_session_sessions").Scan(&n); n != 1 || err != nil {
		t.Error(n, err)
	}
}

// What only a person can put right is an error, and shows no secret.
func TestCredentialsAreRefused(t *testing.T) {
	for kind, database := range map[string]func(testing.TB) string{"postgres": storetest.Postgres, "mysql": storetest.MySQL} {
		t.Run(kind, func(t *testing.T) {
			right, err := url.Parse(database(t))
			if err != nil {
				t.Fatal("malformed URL")
			}
			wrongPassword, wrongUser, wrongDatabase := *right, *right, *right
			wrongPassword.User = url.UserPassword(right.User.Username(), "s3cret-but-wr0ng")
			wrongUser.User = url.UserPassword("nobody-here", "s3cret-but-wr0ng")
			wrongDatabase.Path = "/nothing_here"
			for _, u := range []url.URL{wrongPassword, wrongUser, wrongDatabase} {
				s, log := newStore(t, store.Settings{URL: u.String()})
				err := s.Start(t.Context())
				if err == nil || s.Ready() {
					t.Fatal("started without a right")
				}
				text := err.Error() + log.String()
				if strings.Contains(text, "s3cret") || strings.Contains(text, storetest.Password) || strings.Contains(text, u.String()) || strings.Contains(text, "\n") {
					t.Error(text)
				}
				if !strings.HasPrefix(text, "opening the session database: ") {
					t.Error(text)
				}
			}
		})
	}
}

// A database that is not there yet keeps nobody waiting, and works without a
// restart when it comes.
func TestF2_ServerComesLater(t *testing.T) {
	for kind, start := range servers {
		t.Run(kind, func(t *testing.T) {
			server := start(t)
			server.Stop()
			s, log := newStore(t, store.Settings{URL: server.URL()})
			if err := s.StartNow(t.Context()); !errors.Is(err, store.ErrUnavailable) {
				t.Error("StartNow:", err)
			}
			for range 2 {
				if err := s.Start(t.Context()); err != nil || s.Ready() {
					t.Error("Start:", err)
				}
			}
			x := s.Sessions("main", idle, lifetime)
			if _, err := tryFind(x, store.Key{}); !errors.Is(err, store.ErrUnavailable) {
				t.Error("Find:", err)
			}
			if !strings.Contains(log.String(), "level=WARN") {
				t.Error("no warning in the log:", log)
			}
			server.Start()
			storetest.Eventually(t, "the store is ready", s.Ready)
			create(t, x, "alice", time.Now())
		})
	}
}

var servers = map[string]func(testing.TB) *storetest.Server{"postgres": storetest.StartPostgres, "mysql": storetest.StartMySQL}
