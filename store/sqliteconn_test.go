//go:build !nosqlite

package store

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sqlite3 "modernc.org/sqlite/lib"
)

// Somebody puts a view in the place of the table that never comes to an end. A
// lookup does (F1), and its connection is as good as before.
func TestF1_SQLiteLookupEndsInTime(t *testing.T) {
	s, p, alice, other := sqliteFixture(t)
	run(t, other, "ALTER TABLE caddy_session_sessions RENAME TO away",
		`CREATE VIEW caddy_session_sessions AS
			WITH RECURSIVE numbers(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers)
			SELECT n AS session_number, kind, session_key, realm, user_id, claims, seen, expires, created FROM numbers, away`)
	for range cap(p.free) {
		began := time.Now()
		_, found, err := s.lookup(alice)
		if took := time.Since(began); found || !errors.Is(err, ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) || took < p.patience {
			t.Error("after", took, found, err)
		}
	}
	run(t, other, "DROP VIEW caddy_session_sessions", "ALTER TABLE away RENAME TO caddy_session_sessions")
	for range cap(p.free) {
		r := <-p.free
		if r.conn == nil {
			t.Error("the connection was given up")
		}
		p.free <- r
		if _, found, err := s.lookup(alice); !found || err != nil {
			t.Error(found, err)
		}
	}
}

// Another process holds the file for itself: a lookup waits for its time, and is
// told that nobody knows (F1).
func TestF1_SQLiteFileIsLocked(t *testing.T) {
	s, p, alice, other := sqliteFixture(t)
	s.live.Load().pool.(*sqlitePool).read.close() // or they would hold it
	s.live.Load().pool.(*sqlitePool).write.db.Close()
	run(t, other, "PRAGMA journal_mode(DELETE)", "BEGIN EXCLUSIVE")
	began := time.Now()
	_, found, err := s.lookup(alice)
	if took := time.Since(began); found || !errors.Is(err, ErrUnavailable) || !s.IsAway(err) || took < p.patience {
		t.Error("after", took, found, err)
	}
}

// An error says what SQLite says, and not where the file is.
func TestSQLiteFaults(t *testing.T) {
	_, p, alice, _ := sqliteFixture(t)
	path := filepath.Join(t.TempDir(), "missing.db")
	_, err := openSQLiteConn(sqliteDSN(path, "rw", p.patience), p.patience)
	var fault *sqliteFault
	if !errors.As(err, &fault) || fault.primary() != sqlite3.SQLITE_CANTOPEN || strings.Contains(err.Error(), "missing") {
		t.Error(err)
	}
	c, err := openSQLiteConn(p.dsn, p.patience)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	if _, err := c.find("SELECT unknown", alice.number(), nil, p.patience); !errors.As(err, &fault) || !strings.Contains(err.Error(), "no such column: unknown (1)") {
		t.Error(err)
	}
}
