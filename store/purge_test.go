package store_test

import (
	"context"
	"database/sql"
	"encoding/binary"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// rawSQL opens a database beside the store, as an administrator would.
func rawSQL(tb testing.TB, raw string) *sql.DB {
	tb.Helper()
	scheme, path, _ := strings.Cut(raw, ":")
	driver, dsn := map[string]string{"sqlite": "sqlite", "postgres": "pgx", "mysql": "mysql"}[scheme], raw
	switch scheme {
	case "postgres":
		if !strings.Contains(dsn, "?") {
			dsn += "?"
		}
		dsn += "&default_query_exec_mode=exec" // a pooler does not keep what is prepared
	case "sqlite":
		dsn = "file://" + path + "?_busy_timeout=5000"
	case "mysql":
		dsn = storetest.MySQLDSN(raw)
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

// mustExec runs a statement beside the store.
func mustExec(tb testing.TB, db *sql.DB, statement string, args ...any) {
	tb.Helper()
	if _, err := db.ExecContext(context.WithoutCancel(tb.Context()), statement, args...); err != nil {
		tb.Fatalf("%s: %v", statement, err)
	}
}

// fill writes many sessions, quicker than logins would.
func fill(tb testing.TB, f *store.Store, url string, n int, expires time.Time) []store.Key {
	tb.Helper()
	db := rawSQL(tb, url)
	tx, err := db.Begin()
	if err != nil {
		tb.Fatal(err)
	}
	defer tx.Rollback()
	marks, one, table := "?, ?, ?, ?, ?, ?, ?", 1000, "caddy_session_sessions"
	keys := make([]store.Key, n)
	for start := 0; start < n; start += one {
		var text strings.Builder
		var args []any
		text.WriteString("INSERT INTO " + table + " (session_key, realm, user_id, claims, created, seen, expires) VALUES ")
		for i := start; i < min(start+one, n); i++ {
			binary.BigEndian.PutUint64(keys[i][:], uint64(i+1)*0x9E3779B97F4A7C15)
			if i > start {
				text.WriteString(", ")
			}
			text.WriteString("(" + marks + ")")
			args = append(args, keys[i][:], "main", "user", "{}", expires.Add(-lifetime).UnixMilli(), expires.Add(-lifetime).UnixMilli(), expires.UnixMilli()+int64(i))
		}
		if _, err := tx.Exec(dollars(f, text.String()), args...); err != nil {
			tb.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		tb.Fatal(err)
	}
	return keys
}

// dollars writes a statement's parameters as the database wants them.
func dollars(s *store.Store, text string) string {
	if s.Dialect() != "postgres" {
		return text
	}
	var b strings.Builder
	for n := 1; ; n++ {
		before, after, found := strings.Cut(text, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteString("$" + strconv.Itoa(n))
		text = after
	}
}
