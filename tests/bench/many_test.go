//go:build bench

package bench

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-11312c3d/caddy-session/store"
)

// manyRequests is how long the order of cookies is before it begins anew.
const manyRequests = 300_000

// many is sessions of which a few are asked for often and most of them rarely,
// behind a guard that is cached or asks each time, on each database. The plain
// targets get the same cookies, so that the script costs them the same.
func many(t *testing.T) *group {
	g := &group{title: fmt.Sprintf("cookies of %d sessions, in front of `reverse_proxy`", *sessions), answer: proxy, targets: base("")}
	order := writeOrder(t)
	for _, name := range chosen(t) {
		url := fresh[name](t)
		g.add(t, order, name+", cached", &realm{name: name + "-cached", url: url, options: quiet})
		g.add(t, order, name+" each time", &realm{name: name, url: url, options: quiet + "\ncache_ttl 0"})
	}
	script, guards := writeScript(t, manyScript), g.targets[2:]
	for _, target := range g.targets {
		target.script = script
	}
	for _, target := range g.targets[:2] {
		target.files = guards[0].files
	}
	return g
}

// quiet keeps notes of when sessions were last used out of the figures: with
// the default, each session has one every three minutes.
const quiet = "idle_timeout 24h"

// add adds a realm with many sessions, and a target that wants one.
func (g *group) add(t *testing.T, order, name string, r *realm) {
	r.open(t, func(s *store.Store) { r.tokens = fillTokens(t, s, r, *sessions) })
	g.realms = append(g.realms, r)
	g.targets = append(g.targets, &target{name: "guard, " + name, site: "session " + r.name + "\n", cookie: r.tokens[0], files: []string{writeTokens(t, r.tokens), order}})
}

func writeTokens(t *testing.T, tokens []string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tokens")
	write(t, file, strings.Join(tokens, "\n")+"\n")
	return file
}

// writeOrder writes which session each request is for: the same for every run.
func writeOrder(t *testing.T) string {
	t.Helper()
	zipf := rand.NewZipf(rand.New(rand.NewPCG(1, 2)), 1.1, 10, uint64(*sessions-1))
	var b strings.Builder
	for range manyRequests {
		fmt.Fprintln(&b, zipf.Uint64())
	}
	file := filepath.Join(t.TempDir(), "order")
	write(t, file, b.String())
	return file
}
