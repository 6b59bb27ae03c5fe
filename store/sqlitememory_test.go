//go:build memory.counters && !nosqlite

package store

import (
	"path/filepath"
	"testing"

	"modernc.org/libc"
)

// The counters are off by default, since they cost time:
//
//	go test -tags memory.counters -run MemoryBack ./store

// C's memory is nobody's to collect: each connection gives back what it took,
// whatever has happened to it.
func TestSQLiteConnGivesItsMemoryBack(t *testing.T) {
	s, p, alice, _ := sqliteFixture(t)
	cycle := func() {
		c, err := openSQLiteConn(p.dsn, p.patience)
		if err != nil {
			t.Fatal(err)
		}
		row := new(Row)
		for range 3 {
			if found, err := c.find(p.session, alice.number(), row.hotColumns(), p.patience); !found || err != nil {
				t.Fatal(found, err)
			}
		}
		for _, text := range []string{"SELECT unknown", "SELECT 1; SELECT 2", "SELECT 1", "", "SELECT CAST(? AS TEXT), NULL"} {
			if found, err := c.find(text, alice.number(), row.hotColumns(), p.patience); err == nil {
				t.Fatal(text, found)
			}
		}
		for range 2 {
			if err := c.close(); err != nil {
				t.Fatal(err)
			}
		}
		if c, err := openSQLiteConn(sqliteDSN(filepath.Join(t.TempDir(), "missing.db"), "rw", p.patience), p.patience); err == nil || c != nil {
			t.Fatal("opened what is not there:", err)
		}
	}
	cycle() // what SQLite takes once it keeps
	const cycles = 100
	before := libc.MemStat().Allocs
	if before == 0 {
		t.Fatal("nobody counts")
	}
	for range cycles {
		cycle()
	}
	if after := libc.MemStat().Allocs; after-before >= cycles {
		t.Errorf("%d pieces of memory more after %d connections", after-before, cycles)
	}
	if _, found, err := s.lookup(alice); !found || err != nil {
		t.Error(found, err)
	}
}
