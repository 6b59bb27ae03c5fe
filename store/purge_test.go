package store_test

import (
	"context"
	"database/sql"
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

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
	db := storetest.Open(tb, url)
	tx, err := db.Begin()
	if err != nil {
		tb.Fatal(err)
	}
	defer tx.Rollback()
	marks, one, table := "?, ?, ?, ?, ?, ?, ?, ?", 1000, "caddy_session_sessions"
	keys := make([]store.Key, n)
	for start := 0; start < n; start += one {
		var text strings.Builder
		var args []any
		text.WriteString("INSERT INTO " + table + " (session_key, session_number, realm, user_id, claims, created, seen, expires) VALUES ")
		for i := start; i < min(start+one, n); i++ {
			binary.BigEndian.PutUint64(keys[i][:], uint64(i+1)*0x9E3779B97F4A7C15)
			if i > start {
				text.WriteString(", ")
			}
			text.WriteString("(" + marks + ")")
			args = append(args, keys[i][:], keys[i].Number(), "main", "user", "{}", expires.Add(-lifetime).UnixMilli(), expires.Add(-lifetime).UnixMilli(), expires.UnixMilli()+int64(i))
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
func dollars(s *store.Store, text string) string { return s.Query(text).Text() }
