package store

import (
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// upgradeRows is how many sessions a schema has that is upgraded. For a measurement:
//
//	STORE_TEST_ROWS=1000000 go test -run UpgradeKeepsSessions -v -timeout 1h ./store
func upgradeRows(t *testing.T) int {
	text := os.Getenv("STORE_TEST_ROWS")
	if text == "" {
		return 2000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The tables of the first version become those of the present one: every session is
// found by its cookie as before, its key and its secret are where they were.
func TestUpgradeKeepsSessions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		first := firstSchema(t, url, upgradeRows(t))
		began := time.Now()
		s := upgraded(t, url)
		if s == nil {
			t.FailNow()
		}
		t.Logf("%d sessions upgraded in %v", len(first), time.Since(began).Round(time.Millisecond))
		findAll(t, s, first)
		var versions, keys int
		db := storetest.Open(t, url)
		if err := db.QueryRow("SELECT COUNT(*) FROM caddy_session_migrations WHERE version IN (1, 2)").Scan(&versions); versions != 2 || err != nil {
			t.Error(versions, err)
		}
		if err := db.QueryRow("SELECT COUNT(*) FROM caddy_session_keys").Scan(&keys); keys != 1 || err != nil {
			t.Error(keys, "keys:", err)
		}
		login(t, s, "bob")
	})
}

// An upgrade that ends anywhere is done again, to the end.
func TestInterruptedUpgradeIsRepaired(t *testing.T) {
	for _, d := range []*dialect{&postgres, &mysqlDialect} { // in a file it is one transaction
		t.Run(d.name, func(t *testing.T) {
			steps, err := migrationsOf(d.name)
			if err != nil {
				t.Fatal(err)
			}
			for done := range len(steps[1].statements) + 1 {
				url := freshURL(t, d.name)
				first := firstSchema(t, url, 20)
				run(t, storetest.Open(t, url), inWords(url, steps[1].statements[:done])...)
				findAll(t, upgraded(t, url), first)
			}
		})
	}
}

// Whatever the primary key is called, it is the number afterwards: the table may once
// have had another name, and the key kept it.
func TestUpgradeWhateverThePrimaryKeyIsCalled(t *testing.T) {
	url := storetest.Postgres(t)
	first := firstSchema(t, url, 20)
	db := storetest.Open(t, url)
	run(t, db, `ALTER TABLE caddy_session_sessions RENAME CONSTRAINT caddy_session_sessions_pkey TO "it's ""theirs"""`)
	findAll(t, upgraded(t, url), first)
	var name, column string
	err := db.QueryRow(`SELECT c.conname, a.attname FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
		WHERE c.conrelid = 'caddy_session_sessions'::regclass AND c.contype = 'p' AND cardinality(c.conkey) = 1`).Scan(&name, &column)
	if name != "caddy_session_sessions_number" || column != "session_number" || err != nil {
		t.Error(name, column, err)
	}
}

// Twelve nodes of the present version start at once on tables of the first (F4).
func TestF4_NodesUpgradeAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		first := firstSchema(t, url, 500)
		nodes := make([]*Store, 12)
		var starts sync.WaitGroup
		for i := range nodes {
			starts.Go(func() { nodes[i] = upgraded(t, url) })
		}
		starts.Wait()
		for _, s := range nodes {
			if s == nil {
				t.FailNow()
			}
		}
		findAll(t, nodes[7], first)
	})
}

// firstSecret is the key that tokens of the first schema have their MAC from.
var firstSecret = []byte("the secret of the first schema..")

// firstSchema makes the tables as version 1 had them, with sessions in them, and
// returns what their tokens are the keys of. The first ones lie at the ends.
func firstSchema(t *testing.T, url string, n int) []Key {
	t.Helper()
	kind := kindOf(url)
	steps, err := migrationsOf(kind)
	if err != nil {
		t.Fatal(err)
	}
	db := storetest.Open(t, url)
	run(t, db, "CREATE TABLE caddy_session_migrations (version BIGINT NOT NULL PRIMARY KEY, name VARCHAR(255) NOT NULL, applied BIGINT NOT NULL)")
	run(t, db, inWords(url, steps[0].statements)...)
	run(t, db, "INSERT INTO caddy_session_migrations VALUES (1, '0001_sessions', 0)")
	s := &Store{dialect: dialectNamed(kind)}
	if _, err := db.Exec(s.Query("INSERT INTO caddy_session_keys (id, secret, created) VALUES (1, ?, 0)").text, firstSecret); err != nil {
		t.Fatal(err)
	}
	keys := make([]Key, n)
	for i := range keys {
		keys[i] = sha256.Sum256(fmt.Append(nil, i))
		if i < 6 {
			binary.BigEndian.PutUint64(keys[i][:], []uint64{0, 1<<64 - 1, 1 << 63, 1<<63 - 1, 0x0123456789ABCDEF, 0xFEDCBA9876543210}[i])
		}
	}
	fillFirst(t, db, s, keys)
	return keys
}

func fillFirst(t *testing.T, db *sql.DB, s *Store, keys []Key) {
	t.Helper()
	sorted := slices.SortedFunc(slices.Values(keys), func(a, b Key) int { return strings.Compare(string(a[:]), string(b[:])) })
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	now := time.Now().UnixMilli()
	for some := range slices.Chunk(sorted, 500) {
		var args []any
		for _, key := range some {
			args = append(args, key[:], "main", "user "+key.ID(), `{"email":"alice@example.com"}`, now, now, now+time.Hour.Milliseconds(), "203.0.113.7", "a browser")
		}
		text := "INSERT INTO caddy_session_sessions (" + columnsOfFirst + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)" + strings.Repeat(", (?, ?, ?, ?, ?, ?, ?, ?, ?)", len(some)-1)
		if _, err := tx.Exec(s.Query(text).text, args...); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

const columnsOfFirst = "session_key, realm, user_id, claims, created, seen, expires, client_addr, user_agent"

func findAll(t *testing.T, s *Store, keys []Key) {
	t.Helper()
	x := s.Sessions("main", time.Hour, time.Hour)
	missing := 0
	for _, key := range keys {
		if row, err := x.Find(key); err != nil || row == nil || row.user != "user "+key.ID() || Key(row.Key) != key {
			missing++
			if missing < 5 {
				t.Errorf("%x: %v %v", key, row, err)
			}
		}
	}
	if missing > 0 {
		t.Error(missing, "of", len(keys), "sessions are not found")
	}
}

// upgraded starts a store of the present version, or fails the test.
func upgraded(t *testing.T, url string) *Store {
	t.Helper()
	s, err := New(Settings{URL: url, MaxConns: 2, LookupTimeout: 5 * time.Second}, slog.New(slog.DiscardHandler))
	if err == nil {
		err = s.StartNow(t.Context())
	}
	if err != nil {
		t.Error(err)
		return nil
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// inWords puts the names of tables into statements.
func inWords(url string, statements []string) []string {
	d := dialectNamed(kindOf(url))
	names := tableNames(Settings{TablePrefix: defaultTablePrefix}, d.quote)
	var texts []string
	for _, statement := range statements {
		texts = append(texts, names.Replace(statement))
	}
	return texts
}

func kindOf(url string) string {
	d, err := dialectOf(url)
	if err != nil {
		panic(err)
	}
	return d.name
}

func dialectNamed(kind string) *dialect {
	i := slices.IndexFunc(dialects, func(d *dialect) bool { return d.name == kind })
	return dialects[i]
}

func freshURL(t *testing.T, kind string) string {
	t.Helper()
	for _, d := range storetest.Kinds {
		if d.Name == kind {
			return d.Fresh(t)
		}
	}
	t.Fatal(kind)
	return ""
}
