//go:build bench

package bench

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
)

var storm = flag.Int("storm", 10_000, "how many sessions Storm asks for")

const (
	stormConnections = 64
	stormWarmUp      = 500 // sessions that open the connections to the database
)

// storming is a site whose sessions are all asked for at once.
type storming struct {
	name  string
	cache string
	realm *realm
	port  int
	runs  []answers
}

// TestStorm is what happens after a deployment: everybody comes at once, and no
// cache knows anybody. Each round has a new Caddy, and so an empty cache.
func TestStorm(t *testing.T) {
	caddy := buildCaddy(t)
	var sites []*storming
	for _, name := range chosen(t) {
		url := fresh[name](t)
		sites = append(sites,
			newStorming(t, name, "default", &realm{name: name + "-cached", url: url, options: quiet}, firstPort+len(sites)),
			newStorming(t, name, "none", &realm{name: name, url: url, options: quiet + "\ncache_ttl 0"}, firstPort+len(sites)+1))
	}
	for range *rounds {
		stormAll(t, caddy, sites)
	}
	reportStorm(sites)
}

func newStorming(t *testing.T, name, cache string, r *realm, port int) *storming {
	t.Helper()
	r.open(t, func(s *store.Store) {
		r.token = alice(t, s, r.name)
		r.tokens = fillTokens(t, s, r, *storm+stormWarmUp)
	})
	return &storming{name: name, cache: cache, realm: r, port: port}
}

func stormAll(t *testing.T, caddy string, all []*storming) {
	t.Helper()
	var realms []*realm
	var sites strings.Builder
	for _, s := range all {
		realms = append(realms, s.realm)
		sites.WriteString(site(s.port, "session "+s.realm.name+"\nrespond hello"))
	}
	program := start(t, caddy, "storm", config("off", realms, sites.String()))
	defer program.stop()
	for _, s := range all {
		waitFor(t, s.port, s.realm.token)
		s.ask(t, s.realm.tokens[:stormWarmUp])
		s.runs = append(s.runs, s.ask(t, s.realm.tokens[stormWarmUp:]))
	}
}

func (s *storming) ask(t *testing.T, tokens []string) answers {
	t.Helper()
	a := ask(t, s.port, stormConnections, len(tokens), func(i int) string { return tokens[i] })
	if a.ok != len(tokens) {
		t.Fatalf("%s: %d of %d sessions were found", s.name, a.ok, len(tokens))
	}
	return a
}

func reportStorm(all []*storming) {
	fmt.Printf("\n| %d sessions at once, %d connections | cache | ms in all | requests/s | p50 ms | p99 ms |\n|---|---|---|---|---|---|\n", *storm, stormConnections)
	for _, s := range all {
		var took, rate, p50, p99 []float64
		for _, run := range s.runs {
			took = append(took, milliseconds(run.took))
			rate = append(rate, float64(len(run.times))/run.took.Seconds())
			p50 = append(p50, milliseconds(run.percentile(50)))
			p99 = append(p99, milliseconds(run.percentile(99)))
		}
		fmt.Printf("| %s | %s | %.0f | %.0f | %.2f | %.2f |\n", s.name, s.cache, median(took), median(rate), median(p50), median(p99))
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
