//go:build !nosqlite

package store_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
)

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
