//go:build bench

package store_test

import (
	"database/sql"
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

var layoutRows = flag.String("layout.rows", "1000,1000000", "sizes of the tables, with commas")

// What a lookup costs in tables that are laid out in different ways. Run it with
//
//	go test -tags bench -run - -bench Layout -timeout 1h ./store [-args -layout.rows 1000,10000000]
//
// Growth is ns/op of the small table over that of the large one, in the same run.
func BenchmarkLayout(b *testing.B) {
	for _, d := range storetest.Kinds {
		for _, l := range layouts {
			for rows := range strings.SplitSeq(*layoutRows, ",") {
				n, err := strconv.Atoi(rows)
				if err != nil {
					b.Fatal(err)
				}
				b.Run(fmt.Sprintf("%s/%s/%d", d.Name, l.name, n), func(b *testing.B) { benchmarkLayout(b, d.Name, d.Fresh(b), l, n) })
			}
		}
	}
}

// layout is a way to lay out the table of sessions.
type layout struct {
	name   string
	number bool // the primary key is the first 63 bits of the digest; otherwise the digest
	apart  bool // columns that lookups do not need are in a table of their own
}

var layouts = []layout{{"digest", false, false}, {"number", true, false}, {"digest apart", false, true}, {"number apart", true, true}}

func benchmarkLayout(b *testing.B, kind, url string, l layout, n int) {
	db := storetest.Open(b, url)
	for _, statement := range l.tables(kind) {
		mustExec(b, db, statement)
	}
	l.fill(b, db, kind, n)
	text := "SELECT digest, realm, user_id, claims, seen, expires, created FROM t WHERE " + l.key() + " = " + mark(kind, 1)
	find, err := db.Prepare(text)
	if err != nil {
		b.Fatal(err)
	}
	defer find.Close()
	size := float64(layoutSize(b, db, kind)) / 1e6
	for _, clients := range []int{1, 8} {
		b.Run(fmt.Sprint(clients), func(b *testing.B) {
			defer b.ReportMetric(size, "MB")
			b.SetParallelism(max(1, clients/2)) // of two cores
			if clients == 1 {
				for b.Loop() {
					l.lookup(b, find, n)
				}
				return
			}
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					l.lookup(b, find, n)
				}
			})
		})
	}
}

func (l layout) lookup(b *testing.B, find *sql.Stmt, n int) {
	number, digest := layoutKey(rand.IntN(n), n)
	var got []byte
	var realm, user, claims string
	var seen, expires, created int64
	var key any = digest
	if l.number {
		key = number
	}
	if err := find.QueryRow(key).Scan(&got, &realm, &user, &claims, &seen, &expires, &created); err != nil || string(got) != string(digest) {
		b.Fatal(err, got)
	}
}

func (l layout) key() string {
	if l.number {
		return "number"
	}
	return "digest"
}

// tables are the statements that make them, as the migrations would.
func (l layout) tables(kind string) []string {
	blob, text, tail := map[string]string{"sqlite": "BLOB", "postgres": "BYTEA", "mysql": "BINARY(32)"}[kind], "TEXT", ""
	switch {
	case kind == "mysql":
		text = "VARBINARY(255)"
	case kind == "postgres":
		text, tail = `TEXT COLLATE "C"`, " WITH (fillfactor = 90)"
	case kind == "sqlite" && !l.number:
		tail = " WITHOUT ROWID"
	}
	number := "BIGINT"
	if kind == "sqlite" {
		number = "INTEGER"
	}
	keys := "digest " + blob + " NOT NULL PRIMARY KEY"
	if l.number {
		keys = "number " + number + " NOT NULL PRIMARY KEY, digest " + blob + " NOT NULL"
	}
	cold := ", client_addr " + text + " NOT NULL, user_agent " + text + " NOT NULL"
	hot := ", realm " + text + " NOT NULL, user_id " + text + " NOT NULL, claims " + text + " NOT NULL, created BIGINT NOT NULL, seen BIGINT NOT NULL, expires BIGINT NOT NULL"
	statements := []string{}
	if l.apart {
		statements = append(statements, "CREATE TABLE c ("+keys+cold+")"+tail)
		cold = ""
	}
	return append(statements, "CREATE TABLE t ("+keys+hot+cold+")"+tail, "CREATE INDEX t_user ON t (user_id, realm, created)", "CREATE INDEX t_expires ON t (expires)")
}

// fill writes the rows in the order of their keys, which is the fastest in a tree.
func (l layout) fill(b *testing.B, db *sql.DB, kind string, n int) {
	const batch, agent = 500, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	tx, err := db.Begin()
	if err != nil {
		b.Fatal(err)
	}
	defer tx.Rollback()
	for start := 0; start < n; start += batch {
		hot, cold := &inserts{kind: kind, into: "t"}, &inserts{kind: kind, into: "c"}
		for i := start; i < min(start+batch, n); i++ {
			number, digest := layoutKey(i, n)
			keys := []any{digest}
			if l.number {
				keys = []any{number, digest}
			}
			user := fmt.Sprintf("user%07d", i)
			row := append(append([]any{}, keys...), "main", user, `{"email":"`+user+`@example.com","groups":["admin","ops"],"name":"User `+user+`"}`, 1e12, 1e12, int(1e12)+i)
			if l.apart {
				hot.add(row...)
				cold.add(append(keys, "203.0.113.77", agent)...)
			} else {
				hot.add(append(row, "203.0.113.77", agent)...)
			}
		}
		for _, some := range []*inserts{hot, cold} {
			if err := some.run(tx); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	mustExec(b, db, map[string]string{"sqlite": "ANALYZE", "postgres": "VACUUM ANALYZE t", "mysql": "ANALYZE TABLE t"}[kind])
}

// inserts is a statement that inserts many rows.
type inserts struct {
	kind, into string
	text       strings.Builder
	args       []any
}

func (s *inserts) add(row ...any) {
	s.text.WriteString(map[bool]string{true: "(", false: ", ("}[s.text.Len() == 0])
	for i, value := range row {
		if i > 0 {
			s.text.WriteString(", ")
		}
		if f, ok := value.(float64); ok {
			value = int64(f)
		}
		s.args = append(s.args, value)
		s.text.WriteString(mark(s.kind, len(s.args)))
	}
	s.text.WriteString(")")
}

func (s *inserts) run(tx *sql.Tx) error {
	if len(s.args) == 0 {
		return nil
	}
	_, err := tx.Exec("INSERT INTO "+s.into+" VALUES "+s.text.String(), s.args...)
	return err
}

func mark(kind string, i int) string {
	if kind == "postgres" {
		return "$" + strconv.Itoa(i)
	}
	return "?"
}

// layoutKey makes the i-th of n keys that are spread evenly.
func layoutKey(i, n int) (number int64, digest []byte) {
	r := rand.New(rand.NewPCG(uint64(i), 0))
	part := math.MaxUint64 / uint64(n)
	digest = make([]byte, 32)
	binary.BigEndian.PutUint64(digest, uint64(i)*part+r.Uint64N(part))
	for rest := digest[8:]; len(rest) > 0; rest = rest[8:] {
		binary.BigEndian.PutUint64(rest, r.Uint64())
	}
	return int64(binary.BigEndian.Uint64(digest) >> 1), digest
}

// layoutSize is how many bytes the tables and their indexes take.
func layoutSize(b *testing.B, db *sql.DB, kind string) (bytes int64) {
	text := map[string]string{
		"sqlite":   "SELECT (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size)",
		"postgres": "SELECT COALESCE(SUM(pg_total_relation_size(oid)), 0)::bigint FROM pg_class WHERE relname IN ('t', 'c')",
		"mysql":    "SELECT CAST(SUM(data_length + index_length) AS SIGNED) FROM information_schema.tables WHERE table_schema = DATABASE()",
	}[kind]
	if err := db.QueryRow(text).Scan(&bytes); err != nil {
		b.Fatal(err)
	}
	return bytes
}
