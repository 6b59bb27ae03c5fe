package store_test

import (
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// Whatever anybody changes in a file can be seen; MySQL has no such number, and
// PostgreSQL's counts something else.
func TestDataVersion(t *testing.T) {
	for _, kind := range storetest.Kinds {
		t.Run(kind.Name, func(t *testing.T) {
			url := kind.Fresh(t)
			s := started(t, url)
			before, ok := s.DataVersion()
			if ok != (kind.Name == "sqlite") {
				t.Fatal(ok)
			}
			if !ok {
				return
			}
			if again, ok := s.DataVersion(); !ok || again != before {
				t.Errorf("%d after %d, and nothing has changed", again, before)
			}
			other := storetest.Open(t, url)
			for _, statement := range []string{"CREATE TABLE x (y INTEGER)", "INSERT INTO x VALUES (1)", "DELETE FROM x"} {
				if _, err := other.Exec(statement); err != nil {
					t.Fatal(err)
				}
				after, ok := s.DataVersion()
				if !ok || after == before {
					t.Errorf("%s: %d as before", statement, after)
				}
				before = after
			}
			if _, _, err := s.Sessions("main", time.Hour, time.Hour).Create(t.Context(), store.NewSession{Identity: store.Identity{User: "alice"}}, time.Now()); err != nil {
				t.Fatal(err)
			}
			if after, ok := s.DataVersion(); !ok || after == before {
				t.Error("this process's own changes are none")
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if _, ok := s.DataVersion(); ok {
				t.Error("a closed store has one")
			}
		})
	}
}
