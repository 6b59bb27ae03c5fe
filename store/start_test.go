package store_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

func TestSettingsThatCannotWork(t *testing.T) {
	const secret = "s3cret"
	for want, s := range map[string]store.Settings{
		"sqlite:PATH, postgres://":                 {URL: "redis://:" + secret + "@host"},
		"unknown kind of database":                 {URL: ""},
		"mysql://USER:PASSWORD@HOST/DATABASE":      {URL: secret},
		"what lives in memory is gone":             {URL: "sqlite::memory:"},
		"the path of a file, as in":                {URL: "sqlite:file:x?mode=memory"},
		"lacks the path":                           {URL: "sqlite:"},
		"malformed; write special characters":      {URL: "postgres://u:" + secret + "%@host/db"},
		"URL is malformed":                         {URL: "mysql://u:" + secret + "@host:port/db"},
		"names no database":                        {URL: "mysql://u:" + secret + "@host"},
		"no longer knows the parameter strict":     {URL: "mysql://u:" + secret + "@host/db?strict=true"},
		"not understood by the driver":             {URL: "mysql://u:" + secret + "@host/db?timeout=soon"},
		"max_conns must not be negative":           {URL: "sqlite:x", MaxConns: -1},
		"lookup_timeout must not be negative":      {URL: "sqlite:x", LookupTimeout: -1},
		"table_prefix must be":                     {URL: "sqlite:x", TablePrefix: `x"; DROP TABLE y`},
		"schema must be":                           {URL: "postgres://host/db", Schema: "1x"},
		"sqlite has no schemas":                    {URL: "sqlite:x", Schema: "app"},
		"migrate must be on or off":                {URL: "sqlite:x", Migrate: "maybe"},
		"40 letters, digits and `_`, and not begi": {URL: "sqlite:x", TablePrefix: strings.Repeat("x", 41)},
	} {
		err := s.Check()
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), secret) {
			t.Errorf("want %q: %v", want, err)
		}
		if _, err := store.New(s, nil); err == nil {
			t.Errorf("want %q: a store was made", want)
		}
	}
}

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
		token, _ := stores[0].Keys().Mint("main")
		for i, s := range stores {
			if _, ok := s.Keys().Verify("main", token); !ok {
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

func TestF6_SQLiteFileIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "what?#%41 é.db")
	s := started(t, "sqlite:"+path)
	create(t, s.Sessions("main", idle, lifetime), "alice", time.Now())
	for _, suffix := range []string{"", "-wal"} {
		info, err := os.Stat(path + suffix)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Error(suffix, info, err)
		}
	}
}

func TestSQLiteFileThatCannotBeOpened(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("no database at all\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		dir:                               "it must be a SQLite file",
		text:                              "file is not a database",
		filepath.Join(dir, "new", "a.db"): "create it, or choose another path", // perhaps a volume that is not mounted
		filepath.Join(text, "a.db"):       "not a directory",
	} {
		s, _ := newStore(t, store.Settings{URL: "sqlite:" + path})
		if err := s.Start(t.Context()); err == nil || !strings.Contains(err.Error(), want) || s.Ready() {
			t.Errorf("want %q: %v", want, err)
		}
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
			eventually(t, "the store is ready", s.Ready)
			create(t, x, "alice", time.Now())
		})
	}
}

var servers = map[string]func(testing.TB) *storetest.Server{"postgres": storetest.StartPostgres, "mysql": storetest.StartMySQL}

// A store that never reaches its database still closes at once.
func TestCloseWhileWaiting(t *testing.T) {
	s, _ := newStore(t, store.Settings{URL: "postgres://u:" + storetest.Password + "@127.0.0.1:1/db"})
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := s.Close(); err != nil || time.Since(began) > 2*time.Second {
		t.Error(err, time.Since(began))
	}
}

// Whoever gives up waiting for a start gets an error.
func TestStartIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s, _ := newStore(t, store.Settings{URL: "mysql://u@127.0.0.1:1/db"})
	if err := s.Start(ctx); err == nil {
		t.Error("a cancelled start succeeded")
	}
}

func ExampleSettings_Check() {
	fmt.Println(store.Settings{URL: "redis://localhost"}.Check())
	// Output: unknown kind of database; the known ones are sqlite:PATH, postgres://USER:PASSWORD@HOST/DATABASE, mysql://USER:PASSWORD@HOST/DATABASE
}
