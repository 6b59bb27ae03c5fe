package store

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// Somebody else runs what is printed; then a store that may make no tables starts,
// on a new database and on one of the first version.
func TestMigrationSQLIsEnough(t *testing.T) {
	for name, rows := range map[string]int{"new": 0, "first": 20} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, url string) {
				var first []Key
				if rows > 0 {
					first = firstSchema(t, url, rows)
				}
				off, err := New(Settings{URL: url, Migrate: "off"}, slog.New(slog.DiscardHandler))
				if err != nil {
					t.Fatal(err)
				}
				defer off.Close()
				text, err := off.MigrationSQL(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				db := storetest.Open(t, url)
				db.SetMaxOpenConns(1) // a transaction is of one connection
				run(t, db, split(text)...)
				if err := off.StartNow(t.Context()); err != nil {
					t.Fatal(err)
				}
				findAll(t, off, first)
				login(t, off, "alice")
				if text, err := off.MigrationSQL(t.Context()); !strings.HasPrefix(text, "-- The tables have version 2") || strings.Contains(text, ";") || err != nil {
					t.Error(text, err)
				}
			})
		})
	}
}

// A store that was never started prints as well, and has made nothing.
func TestMigrationSQLMakesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s, err := New(Settings{URL: url}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		s.now = func() time.Time { return time.UnixMilli(1234) }
		for range 2 {
			text, err := s.MigrationSQL(t.Context())
			if err != nil || !strings.Contains(text, "VALUES (2, '0002_numbers', 1234, 2);") || strings.Contains(text, "{") {
				t.Error(text, err)
			}
		}
		if have, _, err := s.SchemaVersion(t.Context()); have != 0 || err != nil {
			t.Error(have, err)
		}
	})
}
