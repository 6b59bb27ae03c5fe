package preset

import (
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers itself as "pgx"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// testdb is a database that another program has filled, and a store that reads
// it as a realm does.
type testdb struct {
	testing.TB
	dialect sqltext.Dialect
	store   *store.Store
	raw     *sql.DB
}

// onEach runs a test on a fresh database of each kind that is named.
func onEach(t *testing.T, f func(t *testing.T, db *testdb), kinds ...sqltext.Dialect) {
	t.Helper()
	if len(kinds) == 0 {
		kinds = []sqltext.Dialect{sqltext.SQLite, sqltext.Postgres, sqltext.MySQL}
	}
	for _, kind := range kinds {
		t.Run(string(kind), func(t *testing.T) { f(t, newTestDB(t, kind)) })
	}
}

func newTestDB(tb testing.TB, kind sqltext.Dialect) *testdb {
	tb.Helper()
	fresh := by(kind, storetest.SQLite, storetest.Postgres, storetest.MySQL)
	return openTestDB(tb, kind, fresh(tb))
}

func openTestDB(tb testing.TB, kind sqltext.Dialect, raw string) *testdb {
	tb.Helper()
	driver, dsn := "sqlite", strings.TrimPrefix(raw, "sqlite:")
	switch kind {
	case sqltext.Postgres:
		driver, dsn = "pgx", raw
	case sqltext.MySQL:
		driver, dsn = "mysql", storetest.MySQLDSN(raw)
	}
	s, err := store.New(store.Settings{URL: raw, MaxConns: 2}, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	if err := s.StartNow(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return &testdb{tb, kind, s, db}
}

// types are the types of columns that programs declare, by what they are for.
var types = map[sqltext.Dialect]*strings.Replacer{
	sqltext.SQLite:   strings.NewReplacer("{blob}", "blob", "{datetime}", "datetime", "{timestamptz}", "datetime", "{moment}", "datetime", "{stamp}", "integer", "{bool}", "bool", "{json}", "json", "{longtext}", "text"),
	sqltext.Postgres: strings.NewReplacer("{blob}", "bytea", "{datetime}", "timestamp", "{timestamptz}", "timestamptz", "{moment}", "timestamptz", "{stamp}", "timestamp", "{bool}", "boolean", "{json}", "json", "{longtext}", "text"),
	sqltext.MySQL:    strings.NewReplacer("{blob}", "longblob", "{datetime}", "datetime(6)", "{timestamptz}", "timestamp(6) null", "{moment}", "datetime(6)", "{stamp}", "timestamp(3) null", "{bool}", "tinyint(1)", "{json}", "longtext", "{longtext}", "longtext"),
}

var doubleQuoted = regexp.MustCompile(`"([A-Za-z_]+)"`)

// exec runs statements that are written once for all databases: types in
// braces, names in double quotes, `?` for parameters.
func (db *testdb) exec(statement string, args ...any) {
	db.Helper()
	statement = types[db.dialect].Replace(statement)
	if db.dialect == sqltext.MySQL {
		statement = doubleQuoted.ReplaceAllString(statement, "`$1`")
	}
	if db.dialect == sqltext.Postgres {
		for n := 1; strings.Contains(statement, "?"); n++ {
			statement = strings.Replace(statement, "?", fmt.Sprintf("$%d", n), 1)
		}
	}
	if _, err := db.raw.ExecContext(db.Context(), statement, args...); err != nil {
		db.Fatalf("%s: %v", statement, err)
	}
}

// open makes a format that must be in order, and prepares its queries.
func (db *testdb) open(o format.Options) *format.Foreign {
	db.Helper()
	f := db.made(o)
	db.prepare(f)
	return f
}

// made makes a format that must be in order, as far as that can be known without
// asking the database.
func (db *testdb) made(o format.Options) *format.Foreign {
	db.Helper()
	program, err := Complete(o, string(db.dialect))
	if err != nil {
		db.Fatal(err)
	}
	f, err := format.New(program, db.store.Query)
	if err != nil {
		db.Fatal(err)
	}
	return f
}

// prepare asks for each of the format's queries once, as a start does.
func (db *testdb) prepare(f *format.Foreign) {
	db.Helper()
	for _, q := range f.Queries() {
		text := queryText(q)
		stmt, err := db.raw.PrepareContext(db.Context(), text)
		if err != nil {
			db.Fatalf("%s: %v", text, err)
		}
		_ = stmt.Close()
	}
}

// find does what a request does.
func (db *testdb) find(f *format.Foreign, cookie string, now time.Time) (*store.Session, error) {
	l, err := f.Lookup(cookie, now)
	if err != nil {
		return nil, err
	}
	return f.Find(db.Context(), db.store, l, now)
}

// is checks that a cookie is a user's.
func (db *testdb) is(f *format.Foreign, cookie string, now time.Time, user string, claims ...string) *store.Session {
	db.Helper()
	s, err := db.find(f, cookie, now)
	if err != nil {
		db.Fatalf("%v; want %s", err, user)
	}
	if s.User != user {
		db.Fatalf("user %q; want %q", s.User, user)
	}
	for _, claim := range claims {
		name, want, _ := strings.Cut(claim, "=")
		if got := s.Claims[name].String(); got != want {
			db.Fatalf("claim %s is %q; want %q", name, got, want)
		}
	}
	return s
}

// isNobody checks that a cookie is nobody's, and why.
func (db *testdb) isNobody(f *format.Foreign, cookie string, now time.Time, why format.Reason) {
	db.Helper()
	s, err := db.find(f, cookie, now)
	if reason := reasonOf(err); reason != why {
		db.Fatalf("%v, %v; want %s", s, err, why)
	}
}

func reasonOf(err error) format.Reason {
	var reason format.Reason
	errors.As(err, &reason)
	return reason
}
