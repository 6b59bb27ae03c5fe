// Package storetest gives tests real databases: it starts the servers that are
// installed on this machine, in a temporary directory and on a Unix socket, and
// stops them when the tests are over.
package storetest

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Run runs a package's tests, stops the servers that they started, and lists
// what was skipped. TestMain calls it: os.Exit(storetest.Run(m)).
func Run(m *testing.M) int {
	defer skipped.report(os.Stdout)
	defer stopShared()
	return m.Run()
}

// Each runs a test on every kind of database, each time on a fresh one.
func Each(t *testing.T, f func(t *testing.T, url string)) {
	t.Run("sqlite", func(t *testing.T) { f(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { f(t, Postgres(t)) })
	t.Run("mysql", func(t *testing.T) { f(t, MySQL(t)) })
}

// SQLite returns the URL of a file that does not exist yet.
func SQLite(tb testing.TB) string {
	tb.Helper()
	needs(tb, noSQLite)
	return "sqlite:" + filepath.Join(tb.TempDir(), "session.db")
}

// Postgres returns the URL of a fresh, empty database on a PostgreSQL server
// that the tests share: the one that TEST_POSTGRES_URL names, or one of their own.
func Postgres(tb testing.TB) string { return sharedPostgres.fresh(tb) }

// MySQL returns the URL of a fresh, empty database on a MariaDB or MySQL server
// that the tests share: the one that TEST_MYSQL_URL names, or one of their own.
func MySQL(tb testing.TB) string { return sharedMySQL.fresh(tb) }

// Lacking skips a test that needs a program that is not installed. With
// REQUIRE_DATABASES=1 it fails instead.
func Lacking(tb testing.TB, what string) {
	tb.Helper()
	if os.Getenv("REQUIRE_DATABASES") == "1" {
		tb.Fatal(what + ", and REQUIRE_DATABASES=1 wants all databases tested")
	}
	Skip(tb, what)
}

// needs skips a test of a database whose driver a build tag has left out.
func needs(tb testing.TB, leftOut string) {
	tb.Helper()
	if leftOut != "" {
		Skip(tb, "this program was built without the driver (build tag "+leftOut+")")
	}
}

// freshName returns a name that no other database has.
func freshName() string { return "test_" + strings.ToLower(rand.Text()) }

// Kinds are the databases that sessions live in, by name, each with what makes
// a fresh one.
var Kinds = []struct {
	Name  string
	Fresh func(testing.TB) string
}{{"sqlite", SQLite}, {"postgres", Postgres}, {"mysql", MySQL}}
