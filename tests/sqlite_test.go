//go:build unix

package tests

import (
	"database/sql"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// table is where the sessions are.
const table = "caddy_session_sessions"

// database opens the SQLite file behind the server's back.
func (s *server) database() *sql.DB {
	s.t.Helper()
	return storetest.Open(s.t, s.store)
}

// execute runs a statement behind the server's back and returns how many rows it changed.
func execute(t testing.TB, db *sql.DB, query string, args ...any) int64 {
	t.Helper()
	result, err := db.Exec(query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	n, _ := result.RowsAffected()
	return n
}

// number runs a query that yields a number.
func number(t testing.TB, db *sql.DB, query string, args ...any) (n int64) {
	t.Helper()
	if err := db.QueryRow(query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// rows counts the sessions in the database.
func rows(t testing.TB, db *sql.DB) int64 {
	t.Helper()
	return number(t, db, "SELECT count(*) FROM "+table)
}

// breakQueries makes every query for a session fail, and returns what repairs it.
func breakQueries(t testing.TB, db *sql.DB) (repair func()) {
	t.Helper()
	execute(t, db, "ALTER TABLE "+table+" RENAME TO away")
	return func() {
		t.Helper()
		execute(t, db, "ALTER TABLE away RENAME TO "+table)
	}
}

func millis(t time.Time) int64 { return t.UnixMilli() }

// blobs returns every binary value in the database: keys and digests.
func blobs(t testing.TB, db *sql.DB) (found [][]byte) {
	t.Helper()
	for _, query := range texts(t, db, "SELECT 'SELECT \"' || c.name || '\" FROM \"' || m.name || '\" WHERE typeof(\"' || c.name || '\") = ''blob'''"+
		" FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table'") {
		for _, blob := range texts(t, db, query) {
			found = append(found, []byte(blob))
		}
	}
	return found
}

// texts returns the only column of a query.
func texts(t testing.TB, db *sql.DB, query string, args ...any) (found []string) {
	t.Helper()
	result, err := db.Query(query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer result.Close()
	for result.Next() {
		var text string
		if err := result.Scan(&text); err != nil {
			t.Fatal(err)
		}
		found = append(found, text)
	}
	return found
}
