//go:build bench

package bench

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// fresh makes an empty database of each kind.
var fresh = map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": storetest.Postgres, "mysql": storetest.MySQL}

// chosen are the kinds of databases that are to be measured.
func chosen(t *testing.T) []string {
	t.Helper()
	names := strings.Split(*databases, ",")
	for _, name := range names {
		if fresh[name] == nil {
			t.Fatalf("-databases: there is no %q; there are sqlite, postgres and mysql", name)
		}
	}
	return names
}

const (
	idle     = time.Hour
	lifetime = 24 * time.Hour
)

// started opens a database, and makes its tables.
func started(t *testing.T, url string) *store.Store {
	t.Helper()
	s, err := store.New(store.Settings{URL: url}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.StartNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// alice starts a session of somebody with the usual claims.
func alice(t *testing.T, s *store.Store, realm string) string {
	t.Helper()
	token, _, err := s.Sessions(realm, idle, lifetime).InCookie("session").Create(t.Context(), store.NewSession{Identity: store.Identity{User: "alice", Claims: store.Claims{
		"email": store.Text("alice@example.com"), "name": store.Text("Alice"), "groups": store.List("admin", "ops"),
	}}}, time.Now())
	if err != nil {
		t.Fatal("starting a session:", err)
	}
	return token
}

const (
	table   = "caddy_session_sessions"
	columns = "session_number, session_key, realm, user_id, claims, created, seen, expires, client_addr, user_agent"

	clientAddr = "203.0.113.77"
	userAgent  = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
)

// identity is the user and the claims of a session, as they are stored.
func identity(i int) (user, claims string) {
	user = fmt.Sprintf("user%07d", i)
	return user, `{"email":"` + user + `@example.com","groups":["admin","ops"],"name":"User ` + user[4:] + `"}`
}

// rows makes sessions that have just started. Users and times go up with the
// keys, which makes a fill faster and no difference to a lookup: that reads
// neither of their indexes.
func rows(realm string, key func(i int) store.Key) func(i int) []any {
	now := time.Now()
	created, expires := now.UnixMilli(), now.Add(lifetime).UnixMilli()
	return func(i int) []any {
		k := key(i)
		user, claims := identity(i)
		return []any{int64(binary.BigEndian.Uint64(k[:]) >> 1), k[:], realm, user, claims, created, created, expires + int64(i), clientAddr, userAgent}
	}
}

// fillTokens fills a realm with sessions, and returns the tokens that the guard
// takes for them.
func fillTokens(t *testing.T, s *store.Store, r *realm, n int) []string {
	t.Helper()
	tokens, keys := make([]string, n), make([]store.Key, n)
	r.keys = make(map[string]store.Key, n)
	for i := range n {
		tokens[i], keys[i] = s.Keys().Mint(r.name, "session", time.Now())
		r.keys[tokens[i]] = keys[i]
	}
	// The tokens stay as they are: those that are asked for most must not be neighbours.
	slices.SortFunc(keys, func(a, b store.Key) int { return bytes.Compare(a[:], b[:]) })
	fill(t, r.url, n, rows(r.name, func(i int) store.Key { return keys[i] }))
	return tokens
}

// sortedKeys makes n random keys, one after the other and each greater than the
// one before: it takes the i-th from the i-th of n parts of all keys. A table
// that is one tree over its keys, as in SQLite and MariaDB, is filled from left
// to right that way. In any other order a large one would read and write a page
// for every row; sorting each transaction alone would not help, as its keys are
// still all over the tree.
func sortedKeys(n int) func(i int) store.Key {
	r := rand.New(rand.NewPCG(uint64(n), 0))
	part := math.MaxUint64 / uint64(n)
	return func(i int) (key store.Key) {
		binary.BigEndian.PutUint64(key[:], uint64(i)*part+r.Uint64N(part))
		for rest := key[8:]; len(rest) > 0; rest = rest[8:] {
			binary.BigEndian.PutUint64(rest, r.Uint64())
		}
		return key
	}
}

// fill adds n rows to a database, and has it learn what it holds now. It calls
// row once for each, in order.
func fill(t *testing.T, url string, n int, row func(i int) []any) {
	t.Helper()
	begun := time.Now()
	var err error
	switch kind(url) {
	case "postgres":
		err = copyRows(t, url, n, row)
	case "sqlite":
		// Nobody needs the file after a power failure.
		fast := []string{"PRAGMA synchronous = OFF", "PRAGMA cache_size = -100000"}
		err = insertRows(t, url, n, row, fast, []string{"ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)"})
	case "mysql":
		err = insertRows(t, url, n, row, nil, []string{"ANALYZE TABLE " + table})
	}
	if err != nil {
		t.Fatal("filling the database:", err)
	}
	t.Logf("%s: %d sessions in %v", kind(url), n, time.Since(begun).Round(time.Millisecond))
}

// kind returns the scheme of a database's URL.
func kind(url string) string {
	scheme, _, _ := strings.Cut(url, ":")
	return scheme
}

func copyRows(t *testing.T, url string, n int, row func(i int) []any) error {
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		return err
	}
	defer conn.Close(t.Context())
	source := pgx.CopyFromSlice(n, func(i int) ([]any, error) { return row(i), nil })
	if _, err := conn.CopyFrom(t.Context(), pgx.Identifier{table}, strings.Split(columns, ", "), source); err != nil {
		return err
	}
	// Without VACUUM the first to read a row would write to it, too.
	_, err = conn.Exec(t.Context(), "VACUUM ANALYZE "+table)
	return err
}

const (
	rowsPerTransaction = 100_000
	rowsPerStatement   = 250 // databases limit the number of parameters
)

func insertRows(t *testing.T, url string, n int, row func(i int) []any, before, after []string) error {
	db := rawSQL(t, url)
	defer db.Close()
	if err := execAll(db, before); err != nil {
		return err
	}
	for begin := 0; begin < n; begin += rowsPerTransaction {
		if err := insertSome(db, begin, min(begin+rowsPerTransaction, n), row); err != nil {
			return err
		}
	}
	return execAll(db, after)
}

func execAll(db *sql.DB, statements []string) error {
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			return err
		}
	}
	return nil
}

func insertSome(db *sql.DB, begin, end int, row func(i int) []any) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	full, err := tx.Prepare(insertText(rowsPerStatement))
	if err != nil {
		return err
	}
	for ; begin < end; begin += rowsPerStatement {
		var values []any
		count := min(rowsPerStatement, end-begin)
		for i := range count {
			values = append(values, row(begin+i)...)
		}
		if count == rowsPerStatement {
			_, err = full.Exec(values...)
		} else {
			_, err = tx.Exec(insertText(count), values...)
		}
		if err != nil {
			return err
		}
	}
	return tx.Commit()
}

func insertText(rows int) string {
	one := "(?" + strings.Repeat(", ?", strings.Count(columns, ",")) + ")"
	return "INSERT INTO " + table + " (" + columns + ") VALUES " + one + strings.Repeat(", "+one, rows-1)
}

// rawSQL opens a database past the store. There is one connection, so that what
// is set on it stays.
func rawSQL(t *testing.T, raw string) *sql.DB {
	t.Helper()
	db := storetest.Open(t, raw)
	db.SetMaxOpenConns(1)
	return db
}

func sqliteFile(url string) string { return strings.TrimPrefix(url, "sqlite:") }
