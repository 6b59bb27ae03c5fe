//go:build bench

package bench

import (
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
	"github.com/seed-11312c3d/caddy-session/store"
)

var (
	nodes = flag.Int("nodes", 50, "how many nodes Fleet has")
	inUse = flag.Int("inuse", 200, "how many sessions are in use on each node of Fleet")
)

// TestFleet reports what a database server does for many nodes whose sessions are in
// use: asked again in rounds, as by default, and looked up each second one by one.
func TestFleet(t *testing.T) {
	fmt.Printf("\n| %d nodes, %d sessions in use on each | %% of a core, rounds of a second | %% of a core, `recheck 0` and `cache_ttl 1s` |\n|---|---|---|\n", *nodes, *inUse)
	for _, name := range chosen(t) {
		if name == "sqlite" {
			continue // has no server
		}
		t.Run(name, func(t *testing.T) {
			r := &realm{name: "fleet", url: fresh[name](t)}
			r.open(t, func(s *store.Store) { r.tokens = fillTokens(t, s, r, 10_000) })
			server := map[string]string{"postgres": "postgres", "mysql": "mariadbd"}[name]
			rounds := r.fleet(t, server, lookup.Settings{CacheTTL: 5 * time.Second, Recheck: time.Second})
			single := r.fleet(t, server, lookup.Settings{CacheTTL: time.Second})
			fmt.Printf("| %s | %.1f | %.1f |\n", name, rounds, single)
		})
	}
}

// fleet has many nodes work for a while, and returns what of a core the server takes.
func (r *realm) fleet(t *testing.T, server string, s lookup.Settings) float64 {
	t.Helper()
	begin, end := make(chan bool), make(chan bool)
	var ready, working sync.WaitGroup
	for n := range *nodes {
		realm := r.node(t, n, s)
		tokens := make([]string, *inUse)
		for i := range tokens {
			tokens[i] = r.tokens[rand.N(len(r.tokens))]
		}
		ready.Add(1)
		working.Go(func() { work(t, realm, tokens, ready.Done, begin, end) })
	}
	ready.Wait()
	close(begin)
	time.Sleep(3 * time.Second) // until rounds are what they will be
	before, began := serverTime(t, server), time.Now()
	time.Sleep(time.Duration(*seconds) * 5 * time.Second)
	took := (serverTime(t, server) - before).Seconds() / time.Since(began).Seconds()
	close(end)
	working.Wait()
	return 100 * took
}

// node is a realm as a Caddy of its own would have it.
func (r *realm) node(t *testing.T, n int, s lookup.Settings) *lookup.Realm {
	t.Helper()
	separator, own := "?", fmt.Sprint("application_name=node", n)
	if strings.Contains(r.url, "?") {
		separator = "&"
	}
	if kind(r.url) == "mysql" {
		own = fmt.Sprint("wait_timeout=", 28800+n)
	}
	s.Realm, s.Cookie, s.Idle, s.Lifetime = r.name, "session", 24*time.Hour, lifetime
	s.Store = store.Settings{URL: r.url + separator + own, LookupTimeout: 5 * time.Second, MaxConns: 2}
	realm, err := lookup.New(s, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = realm.CloseNow() })
	if err := realm.StartNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	return realm
}

// work uses each session twice a second, evenly.
func work(t *testing.T, realm *lookup.Realm, tokens []string, ready func(), begin, end chan bool) {
	var found []format.Lookup
	for _, token := range tokens {
		l, err := realm.Lookup(token, time.Now())
		if err != nil {
			t.Error(err)
		}
		found = append(found, l)
	}
	ready()
	<-begin
	tick := time.NewTicker(500 * time.Millisecond / time.Duration(len(found)))
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-end:
			return
		case <-tick.C:
			if _, err := realm.Find(t.Context(), found[i%len(found)], time.Now()); err != nil {
				t.Error(err)
				return
			}
		}
	}
}

// serverTime is the processor time that all processes of a database server have taken.
func serverTime(t *testing.T, name string) (all time.Duration) {
	t.Helper()
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has just ended
		}
		before, rest, _ := strings.Cut(string(text), ") ")
		if fields := strings.Fields(rest); strings.HasSuffix(before, "("+name) {
			user, _ := strconv.Atoi(fields[14-3])
			system, _ := strconv.Atoi(fields[15-3])
			all += time.Duration(user+system) * tick
		}
	}
	if all == 0 {
		t.Fatal("no process is named ", name)
	}
	return all
}
