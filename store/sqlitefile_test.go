//go:build !nosqlite

package store

import (
	"net/url"
	"testing"
	"time"
)

func TestSQLitePathIsEscaped(t *testing.T) {
	for _, path := range []string{"/a b", "/what?mode=memory", "/c#d", "/100%25", "/ü&x=y"} {
		u, err := url.Parse(sqliteDSN(path, "rw", time.Second, "query_only(1)"))
		if err != nil || u.Path != path || u.Query().Get("mode") != "rw" || u.Query().Get("_busy_timeout") != "1000" {
			t.Errorf("%s: %v, %v", path, u, err)
		}
	}
}

func TestSQLitePath(t *testing.T) {
	for raw, want := range map[string]string{
		"sqlite:a.db": "a.db", "sqlite:/var/a.db": "/var/a.db", "sqlite:///var/a.db": "/var/a.db", "SQLite:a b?#%": "a b?#%",
	} {
		if got, err := sqlitePath(raw); got != want || err != nil {
			t.Errorf("%s: %q, %v", raw, got, err)
		}
	}
}
