//go:build bench

package bench

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

var forged = flag.Int("forged", 1_000_000, "how many forged cookies Memory sends")

// memoryConnections are few: their buffers are no part of what is measured.
const memoryConnections = 16

// TestMemory reports what cached sessions take of a Caddy's heap, and what a
// flood of forged cookies does to it.
func TestMemory(t *testing.T) {
	r := &realm{name: "cached", url: storetest.SQLite(t), options: "cache_ttl 10m\n" + quiet}
	r.open(t, func(s *store.Store) {
		r.tokens = fillTokens(t, s, r, *sessions)
		r.token = alice(t, s, r.name)
	})
	start(t, buildCaddy(t), "guard", config(fmt.Sprintf("127.0.0.1:%d", adminPort), []*realm{r}, site(firstPort, "session cached\nrespond hello")))
	waitFor(t, firstPort, r.token)
	// What requests need once and what the runtime keeps for more of them.
	askForged(t, 1000, 0)

	empty := heap(t)
	askTokens(t, r, len(r.tokens))
	full := heap(t)
	kept := kept(t, r)
	before := heap(t)
	askForged(t, *forged, 1000)
	flooded := heap(t)

	reportMemory(kept, full-empty, flooded-before)
}

// askTokens asks for each session once, and wants so many to be there.
func askTokens(t *testing.T, r *realm, want int) {
	t.Helper()
	a := ask(t, firstPort, memoryConnections, len(r.tokens), func(i int) string { return r.tokens[i] })
	if a.ok != want {
		t.Fatalf("%d of %d sessions were found", a.ok, want)
	}
}

// askForged sends so many forged tokens that begin at a number, all different.
func askForged(t *testing.T, n, begin int) {
	t.Helper()
	a := ask(t, firstPort, memoryConnections, n, func(i int) string { return fmt.Sprintf("%0*d", store.TokenLen, begin+i) })
	if a.ok != 0 {
		t.Fatalf("%d forged cookies were taken for sessions", a.ok)
	}
}

// kept returns how many of the sessions the cache has, as it keeps no more than
// a number of bytes: those that are still found when the database has none.
func kept(t *testing.T, r *realm) int {
	t.Helper()
	if _, err := rawSQL(t, r.url).Exec("DELETE FROM " + table); err != nil {
		t.Fatal(err)
	}
	return ask(t, firstPort, memoryConnections, len(r.tokens), func(i int) string { return r.tokens[i] }).ok
}

var (
	heapAlloc  = regexp.MustCompile(`# HeapAlloc = (\d+)`)
	stackInUse = regexp.MustCompile(`# Stack = (\d+)`)
)

// heap returns the bytes on Caddy's heap after the garbage was collected: twice,
// since what pools keep is garbage the second time only.
func heap(t *testing.T) int { return profiled(t, heapAlloc) }

// inUseBytes are those on the heap and those of all stacks.
func inUseBytes(t *testing.T) int { return profiled(t, heapAlloc) + profiled(t, stackInUse) }

func profiled(t *testing.T, what *regexp.Regexp) (n int) {
	t.Helper()
	for range 2 {
		answer, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/debug/pprof/heap?debug=1&gc=1", adminPort))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		match := what.FindSubmatch(text)
		if err != nil || match == nil {
			t.Fatal("the heap's profile does not say how large the heap is:", answer.Status, err)
		}
		n, _ = strconv.Atoi(string(match[1]))
	}
	return n
}

func reportMemory(kept, full, flood int) {
	user, claims := identity(0)
	text := len(user) + len(claims)
	perSession := float64(full) / float64(kept)
	var b strings.Builder
	b.WriteString("\n| memory of a cached guard | |\n|---|---|\n")
	fmt.Fprintf(&b, "| sessions asked for | %d |\n", *sessions)
	fmt.Fprintf(&b, "| of them in the cache | %d |\n", kept)
	fmt.Fprintf(&b, "| growth of the heap, bytes | %d |\n", full)
	fmt.Fprintf(&b, "| bytes a cached session | %.0f |\n", perSession)
	fmt.Fprintf(&b, "| of them text of the identity: user and claims | %d |\n", text)
	fmt.Fprintf(&b, "| beyond the text of the identity | %.0f |\n", perSession-float64(text))
	fmt.Fprintf(&b, "| growth under %d forged cookies, bytes | %d |\n", *forged, flood)
	fmt.Print(b.String())
}
