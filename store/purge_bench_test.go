//go:build bench && !nopostgres

package store_test

import (
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

var (
	benchRows = flag.Int("rows", 1_000_000, "how many expired rows there are")
	benchTime = flag.Duration("longest", 10*time.Minute, "how long they are purged at most")
)

const (
	benchLive    = 10_000               // sessions that are looked up
	benchCallers = 2                    // at the same time
	benchPace    = 4 * time.Millisecond // between two lookups of one caller
	benchWindow  = 2 * time.Second      // with the purge and without, in turn: other programs' load changes
)

// What lookups notice of a purge. Run it with
//
//	go test -tags bench -run PurgeIsNotNoticed -v -timeout 1h ./store [-args -rows 1000000]
func TestPurgeIsNotNoticed(t *testing.T) {
	for _, d := range storetest.Kinds {
		t.Run(d.Name, func(t *testing.T) {
			url := d.Fresh(t)
			s := started(t, url)
			x := s.Sessions("main", idle, lifetime)
			live := fillPurge(t, s, url)
			var quiet, busy []time.Duration
			var took time.Duration
			purged, done := int64(0), false
			for !done && took < *benchTime {
				quiet = append(quiet, lookups(t, s, x, live, func() { <-time.After(benchWindow) })...)
				busy = append(busy, lookups(t, s, x, live, func() {
					ctx, cancel := context.WithTimeout(t.Context(), benchWindow)
					defer cancel()
					began := time.Now()
					n, err := s.Purge(ctx, began)
					if err != nil && ctx.Err() == nil {
						t.Fatal(err)
					}
					done = err == nil // of what is cut off nobody knows how much happened
					purged, took = purged+n, took+time.Since(began)
				})...)
			}
			t.Logf("%d rows purged in %v", purged, took.Round(time.Millisecond))
			t.Log("quiet ", quantiles(quiet))
			t.Log("purged", quantiles(busy))
			t.Logf("p99 times %.2f", float64(at(busy, 0.99))/float64(at(quiet, 0.99)))
		})
	}
}

// lookups measures lookups at a steady pace while something happens.
func lookups(t *testing.T, s *store.Store, x *store.Sessions, keys []store.Key, meanwhile func()) []time.Duration {
	t.Helper()
	var callers sync.WaitGroup
	var took [benchCallers][]time.Duration
	done := make(chan struct{})
	for i := range took {
		callers.Go(func() {
			tick := time.NewTicker(benchPace)
			defer tick.Stop()
			for n := i; ; n += 7919 {
				select {
				case <-done:
					return
				case <-tick.C:
				}
				began := time.Now()
				if found, err := tryFind(x, keys[n%len(keys)]); found == nil || err != nil {
					t.Error("not found:", err)
				}
				took[i] = append(took[i], time.Since(began))
			}
		})
	}
	meanwhile()
	close(done)
	callers.Wait()
	return slices.Concat(took[:]...)
}

func quantiles(took []time.Duration) string {
	slices.Sort(took)
	return fmt.Sprintf("%6d lookups: p50 %v, p90 %v, p99 %v, max %v", len(took), at(took, 0.5), at(took, 0.9), at(took, 0.99), at(took, 1))
}

// at returns a quantile.
func at(sorted []time.Duration, q float64) time.Duration {
	return sorted[int(q*float64(len(sorted)-1))].Round(time.Microsecond)
}

// fillPurge writes expired sessions and returns the keys of live ones among them.
func fillPurge(t *testing.T, s *store.Store, url string) []store.Key {
	t.Helper()
	n := *benchRows
	first := time.Now().Add(-time.Hour).Truncate(time.Millisecond) // one ends each millisecond
	began := time.Now()
	var keys []store.Key
	if s.Dialect() == "postgres" {
		keys = copyIn(t, url, n+benchLive, first)
	} else {
		keys = fill(t, s, url, n+benchLive, first)
	}
	db := storetest.Open(t, url)
	mustExec(t, db, dollars(s, "UPDATE caddy_session_sessions SET expires = expires + ?, seen = ? WHERE expires >= ?"),
		lifetime.Milliseconds(), time.Now().UnixMilli(), first.UnixMilli()+int64(n))
	mustExec(t, db, map[string]string{"sqlite": "ANALYZE", "postgres": "VACUUM ANALYZE", "mysql": "ANALYZE TABLE caddy_session_sessions"}[s.Dialect()])
	t.Logf("%d rows written in %v", len(keys), time.Since(began).Round(time.Millisecond))
	return keys[n:]
}

// copyIn is fill in the quickest way that PostgreSQL has.
func copyIn(t *testing.T, url string, n int, expires time.Time) []store.Key {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	keys := make([]store.Key, n)
	columns := []string{"session_key", "session_number", "realm", "user_id", "claims", "created", "seen", "expires"}
	rows := pgx.CopyFromSlice(n, func(i int) ([]any, error) {
		binary.BigEndian.PutUint64(keys[i][:], uint64(i+1)*0x9E3779B97F4A7C15)
		began, ends := expires.Add(-lifetime).UnixMilli(), expires.UnixMilli()+int64(i)
		return []any{keys[i][:], keys[i].Number(), "main", "user", "{}", began, began, ends}, nil
	})
	if _, err := conn.CopyFrom(t.Context(), pgx.Identifier{"caddy_session_sessions"}, columns, rows); err != nil {
		t.Fatal(err)
	}
	return keys
}
