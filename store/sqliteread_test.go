//go:build !nosqlite

package store

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// sqliteFixture is a store with two connections for lookups, a session's key,
// and another program's connection to the same file.
func sqliteFixture(t *testing.T) (*Store, *sqlitePool, Key, *sql.DB) {
	t.Helper()
	s := startedSQLite(t, Settings{MaxConns: 2, LookupTimeout: 500 * time.Millisecond})
	other := storetest.Open(t, s.settings.URL)
	return s, s.live.Load().pool.(*sqlitePool), login(t, s, "alice"), other
}

func (s *Store) lookup(key Key) (row Row, found bool, err error) {
	known, err := s.Sessions("main", time.Hour, time.Hour).Find(key)
	if known != nil {
		row = *known
	}
	return row, known != nil, err
}

// Another process changes the table between two lookups.
func TestSQLiteSchemaChanges(t *testing.T) {
	s, p, alice, other := sqliteFixture(t)
	const table = "caddy_session_sessions"
	for _, change := range [][]string{
		nil, // the statement is prepared
		{"ALTER TABLE " + table + " ADD COLUMN note TEXT"},
		{"CREATE TABLE copy AS SELECT note, * FROM " + table, "DROP TABLE " + table, "ALTER TABLE copy RENAME TO " + table},
		{"VACUUM"},
	} {
		run(t, other, change...)
		for range 2 * cap(p.free) { // on each connection
			if row, found, err := s.lookup(alice); !found || err != nil || row.user != "alice" || Key(row.Key) != alice {
				t.Errorf("after %v: %+v, %v, %v", change, row, found, err)
			}
		}
	}
}

// A connection that failed is replaced, and the lookup after it succeeds.
func TestSQLiteReaderIsReplaced(t *testing.T) {
	s, p, alice, other := sqliteFixture(t)
	for range cap(p.free) {
		if _, found, err := s.lookup(alice); !found || err != nil {
			t.Fatal(found, err)
		}
	}
	run(t, other, "ALTER TABLE caddy_session_sessions RENAME TO away")
	for range cap(p.free) {
		if _, _, err := s.lookup(alice); !errors.Is(err, ErrUnavailable) {
			t.Error(err)
		}
	}
	for range cap(p.free) {
		r := <-p.free
		if r.conn != nil {
			t.Error("the connection is kept")
		}
		p.free <- r
	}
	run(t, other, "ALTER TABLE away RENAME TO caddy_session_sessions")
	if _, found, err := s.lookup(alice); !found || err != nil {
		t.Error(found, err)
	}
}

// A lookup waits for a connection as long as it may last, and no longer (F1).
func TestF1_SQLiteReadersInUse(t *testing.T) {
	s, p, alice, _ := sqliteFixture(t)
	first, second := <-p.free, <-p.free
	began := time.Now()
	_, _, err := s.lookup(alice)
	if took := time.Since(began); !errors.Is(err, ErrUnavailable) || !errors.Is(err, ErrOverload) || s.IsAway(err) || took < 250*time.Millisecond {
		t.Error(took, err)
	}
	p.free <- first
	if _, found, err := s.lookup(alice); !found || err != nil {
		t.Error(found, err)
	}
	p.free <- second
}

// A lookup that waits gets the connection that another one gives back, and
// closing waits for what is running.
func TestSQLiteReaderIsHandedOn(t *testing.T) {
	s, p, alice, _ := sqliteFixture(t)
	first, second := <-p.free, <-p.free
	var lookups sync.WaitGroup
	for range 8 {
		lookups.Go(func() {
			if _, found, err := s.lookup(alice); !found || err != nil {
				t.Error(found, err)
			}
		})
	}
	p.free <- first
	lookups.Wait()
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	select {
	case err := <-closed:
		t.Error("closed while a connection was in use:", err)
	case <-time.After(50 * time.Millisecond):
		p.free <- second
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	// Who closes the file last takes the WAL away, so no connection is left.
	if _, err := os.Stat(strings.TrimPrefix(s.settings.URL, "sqlite:") + "-wal"); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a connection is still open:", err)
	}
}

// After a lookup nothing is kept: neither a snapshot, which would let the WAL
// grow, nor a lock.
func TestSQLiteReaderLetsGo(t *testing.T) {
	s, p, alice, other := sqliteFixture(t)
	for range cap(p.free) {
		if _, found, err := s.lookup(alice); !found || err != nil {
			t.Fatal(found, err)
		}
		var busy, pages, done int
		login(t, s, "bob") // what a snapshot would not have
		if err := other.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &done); busy != 0 || err != nil {
			t.Error(busy, err)
		}
	}
	for range cap(p.free) {
		var patience int64
		if _, err := p.lookup("SELECT timeout FROM pragma_busy_timeout WHERE ? IS NOT NULL", alice.number(), []any{&patience}); patience != 250 || err != nil {
			t.Error("waits for locks", patience, "milliseconds:", err)
		}
	}
}

// The connections for lookups do not write.
func TestSQLiteReaderRefusesToWrite(t *testing.T) {
	s, p, alice, _ := sqliteFixture(t)
	var user string
	_, err := p.lookup(s.own("DELETE FROM {sessions} WHERE session_number = ? RETURNING user_id"), alice.number(), []any{&user})
	if _, found, _ := s.lookup(alice); err == nil || !found {
		t.Error("a lookup deleted a session:", err)
	}
}

// What has been handed out stays as it is, whatever is looked up next.
func TestSQLiteRowIsACopy(t *testing.T) {
	s, p, alice, _ := sqliteFixture(t)
	before, _, _ := s.lookup(alice)
	again, _, _ := s.lookup(alice)
	for i := range 64 {
		other := login(t, s, fmt.Sprint("somebody else ", i))
		for range cap(p.free) {
			if row, found, err := s.lookup(other); !found || err != nil || row.user == "alice" {
				t.Error(row, found, err)
			}
		}
	}
	if !reflect.DeepEqual(before, again) || before.user != "alice" || Key(before.Key) != alice {
		t.Error("the row has changed:", before)
	}
}

// Whatever stands in a row is read as database/sql would read it, or not at all.
func TestSQLiteColumnsAreReadAlike(t *testing.T) {
	s, p, alice, other := sqliteFixture(t)
	for value, readable := range map[string]bool{
		"'text'": true, "'7'": true, "''": true, "'a' || char(0) || 'b'": true, "'é🐇'": true, "CAST(x'ff' AS TEXT)": true, "claims": true,
		"x''": true, "x'00ff'": true, "session_key": true,
		"0": true, "-1": true, "-9223372036854775808": true, "9223372036854775807": true, "created": true, "TRUE": true,
		"NULL": false, "1.5": false,
	} {
		text := s.own("SELECT " + value + " FROM {sessions} WHERE session_number = ?")
		read := 0
		for _, dest := range [][2]any{{new([]byte), new([]byte)}, {new(string), new(string)}, {new(int64), new(int64)}} {
			wantErr := other.QueryRow(text, alice.number()).Scan(dest[0])
			if _, err := p.lookup(text, alice.number(), dest[1:]); err != nil {
				continue
			}
			read++
			want, got := fmt.Sprintf("%q", reflect.ValueOf(dest[0]).Elem()), fmt.Sprintf("%q", reflect.ValueOf(dest[1]).Elem())
			if wantErr != nil || want != got {
				t.Errorf("%s is read as %s, database/sql reads %s: %v", value, got, want, wantErr)
			}
		}
		if (read > 0) != readable {
			t.Errorf("%s is read %d times", value, read)
		}
	}
}

// What cannot work is an error, and never no session.
func TestSQLiteLookupsThatCannotWork(t *testing.T) {
	s, p, alice, _ := sqliteFixture(t)
	var user string
	for _, text := range []string{
		"SELECT NULL FROM {sessions} WHERE session_number = ?",
		"SELECT user_id FROM {sessions}",
		"SELECT user_id FROM {sessions} WHERE session_number = ?; SELECT 1",
	} {
		if _, err := p.lookup(s.own(text), alice.number(), []any{&user}); err == nil || user != "" {
			t.Error(text, user, err)
		}
	}
}

// A row that somebody has changed hurts nobody but its own user.
func TestSQLiteRowThatIsNotOurs(t *testing.T) {
	s, p, alice, other := sqliteFixture(t)
	bob := login(t, s, "bob")
	run(t, other, "UPDATE caddy_session_sessions SET seen = 'yesterday' WHERE user_id = 'alice'")
	for range 2 * cap(p.free) {
		if _, found, err := s.lookup(alice); found || !errors.Is(err, ErrUnreadable) || errors.Is(err, ErrUnavailable) || s.IsAway(err) {
			t.Error(found, err)
		}
		if _, found, err := s.lookup(bob); !found || err != nil {
			t.Error(found, err)
		}
	}
}

// Every other query, and every other destination, is database/sql's.
func TestSQLiteOtherQueries(t *testing.T) {
	s, p, alice, _ := sqliteFixture(t)
	for range cap(p.free) {
		r := <-p.free
		defer func() { p.free <- r }()
	}
	var user sql.NullString
	found, err := s.Find(t.Context(), s.Query(s.own("SELECT user_id FROM {sessions} WHERE session_number = ?")), alice.number(), &user)
	if !found || err != nil || user.String != "alice" {
		t.Error(user, found, err)
	}
	var nobody sql.NullTime
	if found, err = s.Find(t.Context(), s.Query("SELECT NULL WHERE 'a' = ?"), "a", &nobody); !found || err != nil || nobody.Valid {
		t.Error(nobody, found, err)
	}
}
