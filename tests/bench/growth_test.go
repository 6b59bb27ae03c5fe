//go:build bench

package bench

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
)

var growth = flag.String("growth", "1000,1000000,10000000", "how many sessions the tables of Growth have")

// sampleSize is how many keys of a table are asked for: enough that the pages
// they are on are most of a large table.
const sampleSize = 1 << 20

// grown is a table of one size.
type grown struct {
	n        int
	url      string
	store    *store.Store
	sessions *store.Sessions
	keys     []store.Key
	bytes    int64 // on disk
	serial   []float64
	parallel []float64
}

// TestGrowth compares lookups in a small table and in large ones. Each size has
// a database of its own, all in the same server: so a round can measure every
// size, which a single table that grows would not allow.
func TestGrowth(t *testing.T) {
	for _, name := range chosen(t) {
		t.Run(name, func(t *testing.T) {
			var tables []*grown
			for _, n := range numbers(t, *growth) {
				tables = append(tables, grow(t, fresh[name](t), n))
			}
			for _, g := range tables {
				g.warmUp(t)
			}
			inTurn := slices.Clone(tables)
			for range *rounds {
				for _, g := range inTurn {
					g.measure(t)
				}
				slices.Reverse(inTurn)
			}
			reportGrowth(name+" ("+buffers(t, tables[0].url)+")", tables)
		})
	}
}

func numbers(t *testing.T, list string) (numbers []int) {
	t.Helper()
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("%q is no number of sessions", text)
		}
		numbers = append(numbers, n)
	}
	return numbers
}

// grow makes a table with n sessions.
func grow(t *testing.T, url string, n int) *grown {
	t.Helper()
	g := &grown{n: n, url: url, store: started(t, url)}
	g.sessions = g.store.Sessions("bench", idle, lifetime)
	next, every := sortedKeys(n), (n+sampleSize-1)/sampleSize
	fill(t, url, n, rows("bench", func(i int) store.Key {
		key := next(i)
		if i%every == 0 {
			g.keys = append(g.keys, key)
		}
		return key
	}))
	g.bytes = diskBytes(t, url)
	return g
}

// warmUp has the database read most of its table, as it has when it has been
// running for a while.
func (g *grown) warmUp(t *testing.T) {
	t.Helper()
	var all sync.WaitGroup
	for part := range slices.Chunk(g.keys, len(g.keys)/workers()+1) {
		all.Go(func() {
			for _, key := range part {
				if err := g.lookUp(key); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

// lookUp finds a session the way a guard does.
func (g *grown) lookUp(key store.Key) error {
	row, err := g.sessions.Find(key)
	if err == nil && row == nil {
		err = fmt.Errorf("there is no session %s", key.ID())
	}
	return err
}

func (g *grown) measure(t *testing.T) {
	g.serial = append(g.serial, g.lookUps(t, 1))
	g.parallel = append(g.parallel, g.lookUps(t, workers()))
}

func workers() int { return 4 * runtime.GOMAXPROCS(0) }

// lookUps returns how many lookups a second so many workers get, each of random keys.
func (g *grown) lookUps(t *testing.T, workers int) float64 {
	t.Helper()
	var over atomic.Bool
	var count atomic.Int64
	var all sync.WaitGroup
	begun := time.Now()
	defer time.AfterFunc(time.Duration(*seconds)*time.Second, func() { over.Store(true) }).Stop()
	for range workers {
		all.Go(func() {
			n := int64(0)
			for ; !over.Load(); n++ {
				if err := g.lookUp(g.keys[rand.IntN(len(g.keys))]); err != nil {
					t.Error(err)
					return
				}
			}
			count.Add(n)
		})
	}
	all.Wait()
	return float64(count.Load()) / time.Since(begun).Seconds()
}

// diskBytes returns how large the table is, with its indexes.
func diskBytes(t *testing.T, url string) (n int64) {
	t.Helper()
	var err error
	switch kind(url) {
	case "sqlite":
		var info os.FileInfo
		if info, err = os.Stat(sqliteFile(url)); err == nil {
			n = info.Size()
		}
	case "postgres":
		err = rawSQL(t, url).QueryRow("SELECT pg_total_relation_size('" + table + "')").Scan(&n)
	case "mysql":
		err = rawSQL(t, url).QueryRow("SELECT data_length + index_length FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = '" + table + "'").Scan(&n)
	}
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// buffers says how much of its tables a database keeps in memory itself. The
// system keeps more; MariaDB goes past that.
func buffers(t *testing.T, url string) (text string) {
	t.Helper()
	query := map[string]string{
		"sqlite":   "SELECT 'cache_size ' || cache_size || ' a connection' FROM pragma_cache_size",
		"postgres": "SELECT 'shared_buffers ' || current_setting('shared_buffers') || ', effective_cache_size ' || current_setting('effective_cache_size')",
		"mysql":    "SELECT CONCAT('innodb_buffer_pool_size ', @@innodb_buffer_pool_size DIV 1048576, 'MB, innodb_flush_method ', @@innodb_flush_method)",
	}[kind(url)]
	if err := rawSQL(t, url).QueryRow(query).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

func reportGrowth(name string, tables []*grown) {
	fmt.Printf("\n| %s, sessions | lookups/s, one at a time | to the first | lookups/s, %d at a time | to the first | bytes a session |\n|---|---|---|---|---|---|\n", name, workers())
	for _, g := range tables {
		fmt.Printf("| %d | %.0f | %.3f | %.0f | %.3f | %d |\n", g.n,
			median(g.serial), ratio(g.serial, tables[0].serial),
			median(g.parallel), ratio(g.parallel, tables[0].parallel), g.bytes/int64(g.n))
	}
}
