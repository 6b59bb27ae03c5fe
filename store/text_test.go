package store

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParametersAreNumberedOutsideQuotes(t *testing.T) {
	for text, want := range map[string]string{
		"a = ? AND b = ?":        "a = $1 AND b = $2",
		`a = '?''?' AND b = ?`:   `a = '?''?' AND b = $1`,
		"\"?\" = ? AND `?` = ?":  "\"?\" = $1 AND `?` = $2",
		"no parameter":           "no parameter",
		strings.Repeat("?,", 11): "$1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,",
	} {
		if got := number(text); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}

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

func TestStatementsOfMigrations(t *testing.T) {
	for _, d := range dialects {
		steps, err := migrationsOf(d.name)
		if err != nil || len(steps) == 0 {
			t.Fatal(d.name, err)
		}
		for i, step := range steps {
			if step.version != i+1 {
				t.Error(d.name, "lacks the migration", i+1)
			}
			if slices.ContainsFunc(step.statements, func(s string) bool { return strings.Contains(s, "?") }) {
				t.Error(d.name, step.name, "contains a `?`")
			}
		}
	}
}

func TestMySQLURL(t *testing.T) {
	cfg, err := mysqlConfig(Settings{URL: "mariadb://u%40x:p%2Fw%3F@[::1]:3307/sessions?tls=skip-verify&socket="})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.User != "u@x" || cfg.Passwd != "p/w?" || cfg.Addr != "[::1]:3307" || cfg.DBName != "sessions" || cfg.TLSConfig != "skip-verify" {
		t.Error(cfg.User, cfg.Addr, cfg.DBName, cfg.TLSConfig)
	}
	cfg, err = mysqlConfig(Settings{URL: "mysql://u@localhost?socket=/run/my.sock", Schema: "app"})
	if err != nil || cfg.Net != "unix" || cfg.Addr != "/run/my.sock" || cfg.DBName != "app" {
		t.Error(cfg, err)
	}
}
