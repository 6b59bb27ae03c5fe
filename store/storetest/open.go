package storetest

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
)

// Open opens a database beside the program that is tested, as an administrator
// would, and closes it after the test. A SQLite file is opened once, for it has
// one writer; while it is locked it is waited for, half a minute at most.
func Open(tb testing.TB, url string) *sql.DB {
	tb.Helper()
	db, err := openURL(url)
	if err != nil {
		tb.Fatal(err)
	}
	if strings.HasPrefix(url, "sqlite:") {
		db.SetMaxOpenConns(1)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

// openURL chooses Go's driver by the scheme of a URL, and writes the URL as the
// driver wants it.
func openURL(url string) (*sql.DB, error) {
	switch scheme, rest, _ := strings.Cut(url, ":"); scheme {
	case "sqlite":
		return sql.Open("sqlite", "file:"+filepath.ToSlash(rest)+"?_busy_timeout=30000")
	case "mysql", "mariadb":
		return sql.Open("mysql", MySQLDSN(url))
	}
	if strings.Contains(url, "port="+bouncerPort) {
		url += "&default_query_exec_mode=exec" // a pooler does not keep what is prepared
	}
	return sql.Open("pgx", url)
}

// pinger asks a server whether it is there.
func pinger(url string) func() error {
	return func() error {
		db, err := openURL(url)
		if err != nil {
			return err
		}
		defer db.Close()
		return db.Ping()
	}
}
