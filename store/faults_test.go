package store_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// lock has another program keep a SQLite file locked until unlock is called.
func lock(t *testing.T, address, begin string) (unlock func()) {
	t.Helper()
	conn, err := storetest.Open(t, address).Conn(t.Context())
	if err == nil {
		_, err = conn.ExecContext(t.Context(), begin)
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if _, err := conn.ExecContext(context.WithoutCancel(t.Context()), "ROLLBACK"); err != nil {
			t.Error(err)
		}
		conn.Close()
	}
}

func assertLocked(t *testing.T, what string, err error, path string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), "locked by another program") || strings.Contains(err.Error(), "deadline") || !strings.Contains(err.Error(), path) {
		t.Errorf("%s: %v", what, err)
	}
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("%s: it is not unavailable: %v", what, err)
	}
}

// A lock that another program holds is what is said, also to those who wait
// behind somebody who waits for it (D7).
func TestD7_LockedByAnotherProgramIsSaid(t *testing.T) {
	address := storetest.SQLite(t)
	path := strings.TrimPrefix(address, "sqlite:")
	s, _ := newStore(t, store.Settings{URL: address, LookupTimeout: 400 * time.Millisecond})
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	x := s.Sessions("main", idle, lifetime)
	unlock := lock(t, address, "BEGIN IMMEDIATE")
	outcomes := make(chan error)
	for range 3 {
		go func() {
			_, _, err := x.Create(context.WithoutCancel(t.Context()), store.NewSession{Identity: store.Identity{User: "alice"}}, time.Now())
			outcomes <- err
		}()
	}
	for range 3 {
		assertLocked(t, "a login", <-outcomes, path)
	}
	unlock()
	create(t, x, "alice", time.Now())
}

// The same at a start, of a program that lets nobody else in (D7).
func TestD7_LockedByAnotherProgramIsSaidAtAStart(t *testing.T) {
	address := storetest.SQLite(t)
	path := strings.TrimPrefix(address, "sqlite:")
	if err := started(t, address).Close(); err != nil {
		t.Fatal(err)
	}
	db := storetest.Open(t, address)
	db.SetMaxOpenConns(1)
	mustExec(t, db, "PRAGMA locking_mode = EXCLUSIVE")
	mustExec(t, db, "UPDATE caddy_session_migrations SET name = name")
	now, _ := newStore(t, store.Settings{URL: address})
	assertLocked(t, "a command", now.StartNow(t.Context()), path)
	s, log := newStore(t, store.Settings{URL: address})
	if err := s.Start(t.Context()); err != nil || s.Ready() || !strings.Contains(log.String(), "locked by another program") {
		t.Error(err, s.Ready(), log)
	}
	db.Close()
	storetest.Eventually(t, "the store is ready", s.Ready)
}

// A table or column that is not there is named, and so is what to do. It is no
// matter of waiting (D7).
func TestD7_WhatIsMissingIsNamed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, address string) {
		s := started(t, address)
		x := s.Sessions("main", idle, lifetime)
		_, session := create(t, x, "alice", time.Now())
		db := storetest.Open(t, address)
		says := func(words ...string) {
			t.Helper()
			_, err := tryFind(x, session.Key)
			if !errors.Is(err, store.ErrUnusable) || !errors.Is(err, store.ErrUnavailable) || strings.Contains(err.Error(), "unavailable") {
				t.Fatal(err)
			}
			for _, word := range append(words, s.Place(), "lookups need it", "caddy session migrate", "DELETE FROM ") {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("%q is not said by %v", word, err)
				}
			}
		}
		mustExec(t, db, "ALTER TABLE caddy_session_sessions RENAME COLUMN claims TO claims2")
		says("claims")
		mustExec(t, db, "DROP TABLE caddy_session_sessions")
		says("caddy_session_sessions")
		// What it says works.
		mustExec(t, db, "DELETE FROM caddy_session_migrations")
		started(t, address)
		if found, err := tryFind(x, session.Key); found != nil || err != nil {
			t.Error(found, err)
		}
		create(t, x, "alice", time.Now())
	})
}

// Where a server is read only, rights to create are not what is missing (D7).
func TestD7_AReadOnlyServerIsNoReasonForMoreRights(t *testing.T) {
	for kind, c := range map[string]struct {
		start     func(testing.TB) *storetest.Server
		statement func(t *testing.T, s *storetest.Server)
	}{
		"postgres": {storetest.StartPostgres, func(t *testing.T, s *storetest.Server) {
			mustExec(t, storetest.Open(t, s.URL()), "ALTER SYSTEM SET default_transaction_read_only = on")
			mustExec(t, storetest.Open(t, s.URL()), "SELECT pg_reload_conf()")
		}},
		"mysql": {storetest.StartMySQL, func(t *testing.T, s *storetest.Server) {
			db := storetest.Open(t, s.URL())
			mustExec(t, db, "CREATE USER weak@localhost IDENTIFIED BY '"+storetest.Password+"'")
			mustExec(t, db, "GRANT ALL ON main.* TO weak@localhost")
			mustExec(t, db, "SET GLOBAL read_only = 1")
		}},
	} {
		t.Run(kind, func(t *testing.T) {
			server := c.start(t)
			c.statement(t, server)
			address := strings.Replace(server.URL(), "mysql://tester", "mysql://weak", 1)
			var err error
			storetest.Eventually(t, "it is read only", func() bool {
				s, _ := newStore(t, store.Settings{URL: address})
				err = s.StartNow(t.Context())
				return err != nil
			})
			if text := err.Error(); strings.Contains(text, "let the database user") || !strings.Contains(text, "name the primary") || !strings.Contains(text, "read") {
				t.Error(err)
			}
		})
	}
}

// The WAL does not keep the size that a large transaction once gave it (D7).
func TestD7_TheWALIsBounded(t *testing.T) {
	address := storetest.SQLite(t)
	s := started(t, address)
	x := s.Sessions("main", idle, lifetime)
	wal := func() int64 {
		info, err := os.Stat(strings.TrimPrefix(address, "sqlite:") + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	conn := storetest.Open(t, address)
	mustExec(t, conn, "CREATE TABLE filler (b blob)")
	tx, err := conn.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec("INSERT INTO filler VALUES (zeroblob(30000000))"); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if wal() < 20_000_000 {
		t.Fatal("the WAL has not grown:", wal())
	}
	storetest.Eventually(t, "the WAL is cut down", func() bool {
		create(t, x, "alice", time.Now())
		return wal() <= 8<<20
	})
}

// Each message says of which database it is, and never shows a password (D7).
func TestD7_EachMessageNamesTheDatabase(t *testing.T) {
	for address, place := range map[string]string{
		"postgres://u:" + storetest.Password + "@127.0.0.1:1/app":                     "database app on 127.0.0.1:1",
		"mysql://u:" + storetest.Password + "@127.0.0.1:1/app":                        "database app on 127.0.0.1:1",
		"jdbc:mysql://127.0.0.1:1/app?user=u&password=" + storetest.Password:          "database app on 127.0.0.1:1",
		"postgres://u:" + storetest.Password + "@/app?host=/nowhere&port=6543&pool=5": "database app on /nowhere:6543",
		"sqlite:/nowhere/app.db": "/nowhere/app.db",
	} {
		s, log := newStore(t, store.Settings{URL: address})
		err := s.StartNow(t.Context())
		if err == nil || !strings.Contains(err.Error(), place) || strings.Contains(err.Error(), storetest.Password) {
			t.Errorf("%s: %v", place, err)
		}
		if s.Place() != place {
			t.Errorf("%q is not %q", s.Place(), place)
		}
		if _, err := tryFind(s.Sessions("main", idle, lifetime), store.Key{}); err == nil || !strings.Contains(err.Error(), place) {
			t.Errorf("a lookup at %s: %v", place, err)
		}
		if strings.Contains(address, "pool=5") && strings.Count(log.String(), "parameters=pool") != 1 {
			t.Error("not one warning of ignored parameters:", log)
		}
	}
}
