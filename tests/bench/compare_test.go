//go:build bench

// Package bench measures whole programs under load, on databases that are full.
//
//	go test -tags bench ./tests/bench -v -timeout 1h -run Compare
//
// compares a plain Caddy in front of an app, the same with four constant headers,
// with forward_auth to a server that looks the session up in PostgreSQL, and with
// a guard, cached and on each database: with an app behind and without, with one
// cookie and with those of many sessions, and in a flood of forged ones. It needs
// wrk. -rounds says how often each target runs, -seconds for how long, -sessions
// how many sessions there are where there are many; -run Compare/many runs a part,
// and so do proxied, direct and flood.
//
//	go test -tags bench ./tests/bench -v -timeout 2h -run Growth
//
// compares lookups in tables of the sizes that -growth lists.
//
//	go test -tags bench ./tests/bench -v -run Memory
//
// reports what -sessions cached sessions take of a Caddy's memory, and whether
// -forged forged cookies take more.
//
//	go test -tags bench ./tests/bench -v -run Storm
//
// asks once for each of -storm sessions that no cache knows.
//
//	go test -tags bench ./tests/bench -v -run Slow
//
// asks for a session while an app keeps -slow other requests waiting.
//
// These flags come after the package. -databases chooses among the databases,
// -dir says where their files are while a test runs. All traffic stays on the
// loopback interface, in rounds in which each target runs once, so that a noisy
// machine is noisy for all. The results are tables in Markdown, on the standard
// output.
package bench

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

var (
	rounds    = flag.Int("rounds", 5, "how often each target runs")
	seconds   = flag.Int("seconds", 4, "how long each run lasts")
	sessions  = flag.Int("sessions", 100_000, "how many sessions there are where there are many")
	databases = flag.String("databases", "sqlite,postgres,mysql", "which databases are measured")
	dir       = flag.String("dir", "", "where the files of databases are; other accounts must be able to enter it")
)

func TestMain(m *testing.M) {
	flag.Parse()
	if *dir != "" {
		// Temporary directories of tests and of database servers are made here.
		os.Setenv("TMPDIR", *dir)
	}
	os.Exit(storetest.Run(m))
}

const (
	appPort   = 18090
	authPort  = 18091
	adminPort = 18092
	firstPort = 18100

	fourNames = "Remote-User Remote-Email Remote-Name Remote-Groups"
	four      = "request_header Remote-User alice\nrequest_header Remote-Email alice@example.com\nrequest_header Remote-Name Alice\nrequest_header Remote-Groups admin,ops\n"
)

// group is targets that are compared with each other: the first one is a plain
// Caddy, the second sets four constant headers. They are sites of one process,
// and no other group's: what a cache holds makes the garbage collector rarer for
// all sites of a process.
type group struct {
	title   string
	answer  string // the handler that all sites end with
	realms  []*realm
	targets []*target
}

// target is one site, and the load that it gets.
type target struct {
	name   string
	site   string // what stands before the answer
	cookie string // what every request carries, unless a script says otherwise
	script string // for wrk
	files  []string
	port   int
	caddy  *program
	runs   []result // one a round
}

func TestCompare(t *testing.T) {
	if _, err := exec.LookPath("wrk"); err != nil {
		storetest.Skip(t, "wrk is not installed; it makes the load")
	}
	caddy := buildCaddy(t)
	forwardAuth := storetest.Postgres(t)
	realms := singleRealms(t, forwardAuth)
	serveAuth(t, forwardAuth)
	start(t, caddy, "app", config("off", nil, site(appPort, "respond hello")))
	t.Run("proxied", func(t *testing.T) { proxied(realms).compare(t, caddy) })
	t.Run("direct", func(t *testing.T) { direct(realms).compare(t, caddy) })
	t.Run("flood", func(t *testing.T) { flood(t, realms).compare(t, caddy) })
	t.Run("many", func(t *testing.T) { many(t).compare(t, caddy) })
}

// compare measures the group, one target after the other.
func (g *group) compare(t *testing.T, caddy string) {
	t.Helper()
	g.start(t, caddy)
	inTurn, order := slices.Clone(g.targets), rand.New(rand.NewPCG(1, 2))
	for range *rounds {
		// What drifts during a round, and what the one before has left behind, must
		// not meet some of them more than others.
		order.Shuffle(len(inTurn), func(i, j int) { inTurn[i], inTurn[j] = inTurn[j], inTurn[i] })
		for _, target := range inTurn {
			target.runs = append(target.runs, load(t, target))
		}
	}
	g.report()
}

// singleRealms are a realm with the default cache, and one on each database that
// asks on every request. Each has one session.
func singleRealms(t *testing.T, postgres string) []*realm {
	realms := []*realm{{name: "cached", url: postgres}}
	for _, name := range chosen(t) {
		realms = append(realms, &realm{name: name, url: fresh[name](t), options: "cache_ttl 0"})
	}
	for _, r := range realms {
		r.open(t, func(s *store.Store) { r.token = alice(t, s, r.name) })
	}
	return realms
}

var proxy = fmt.Sprintf("reverse_proxy 127.0.0.1:%d", appPort)

// proxied is what a site costs that is in front of an app.
func proxied(realms []*realm) *group {
	token := realms[0].token
	g := &group{title: "in front of `reverse_proxy`", answer: proxy, realms: realms, targets: append(base(token),
		// The process under test is in front of the server that is asked, whose
		// own work is not counted.
		&target{name: "`forward_auth` + PostgreSQL", cookie: token, site: fmt.Sprintf("forward_auth 127.0.0.1:%d {\nuri /\ncopy_headers %s\n}\n", authPort, fourNames)},
		&target{name: "guard, cached", cookie: token, site: "session cached\n"},
		&target{name: "guard, no cookie", site: "session cached {\noptional\n}\n"},
		&target{name: "guard, forged cookie", cookie: strings.Repeat("A", store.TokenLen), site: "session cached {\noptional\n}\n"},
	)}
	g.targets = append(g.targets, uncached(realms[1:])...)
	return g
}

// direct is the same without an app, which would take most of the time.
func direct(realms []*realm) *group {
	g := &group{title: "in front of `respond`", answer: "respond hello", realms: realms, targets: append(base(realms[0].token),
		&target{name: "guard, cached", cookie: realms[0].token, site: "session cached\n"},
	)}
	g.targets = append(g.targets, uncached(realms[1:])...)
	return g
}

// base is what all others of a group are compared with: it gets the same requests.
func base(token string) []*target {
	return []*target{{name: "nothing", cookie: token}, {name: "four constant headers", cookie: token, site: four}}
}

func uncached(realms []*realm) (targets []*target) {
	for _, r := range realms {
		targets = append(targets, &target{name: "guard, " + r.name + " each time", cookie: r.token, site: "session " + r.name + "\n"})
	}
	return targets
}

// flood is requests that each carry another forged token. The guard asks nobody.
func flood(t *testing.T, realms []*realm) *group {
	script := writeScript(t, forgedScript)
	g := &group{title: "each request with another forged cookie, in front of `reverse_proxy`", answer: proxy, realms: realms[:1], targets: append(base(""),
		&target{name: "guard", site: "session cached {\noptional\n}\n"},
	)}
	for _, target := range g.targets {
		target.script = script
	}
	return g
}

// start starts the group's Caddy.
func (g *group) start(t *testing.T, caddy string) {
	t.Helper()
	var sites strings.Builder
	for i, target := range g.targets {
		target.port = firstPort + i
		sites.WriteString(site(target.port, target.site+g.answer))
	}
	program := start(t, caddy, g.title, config("off", g.realms, sites.String()))
	for _, target := range g.targets {
		target.caddy = program
		waitFor(t, target.port, target.cookie)
	}
}

// report prints medians of what was measured, and of ratios within a round.
func (g *group) report() {
	plain, four := g.targets[0].rates(), g.targets[1].rates()
	fmt.Printf("\n| %s | requests/s | to plain | to four headers | CPU us a request |\n|---|---|---|---|---|\n", g.title)
	for _, target := range g.targets {
		rates := target.rates()
		fmt.Printf("| %s | %.0f | %.3f | %.3f | %.1f |\n", target.name, median(rates), ratio(rates, plain), ratio(rates, four), median(target.cpu()))
	}
}

func (x *target) rates() (rates []float64) {
	for _, run := range x.runs {
		rates = append(rates, run.rate)
	}
	return rates
}

// cpu returns microseconds.
func (x *target) cpu() (times []float64) {
	for _, run := range x.runs {
		times = append(times, float64(run.cpu)/float64(time.Microsecond))
	}
	return times
}

// ratio is the median of the ratios of the same round.
func ratio(values, to []float64) float64 {
	ratios := make([]float64, len(values))
	for i := range ratios {
		ratios[i] = values[i] / to[i]
	}
	return median(ratios)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
