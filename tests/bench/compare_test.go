//go:build bench

// Package bench compares whole programs: a plain Caddy in front of an app, the
// same with four constant headers, with forward_auth to a server that looks the
// session up in PostgreSQL, and with a guard, cached and on each database.
//
//	go test -tags bench -run Compare -v ./tests/bench
//
// It needs wrk. All traffic stays on the loopback interface, in rounds of a few
// seconds in which each target runs once, so that a noisy machine is noisy for all.
package bench

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

var (
	rounds  = flag.Int("rounds", 5, "how often each target runs")
	seconds = flag.Int("seconds", 4, "how long each run lasts")
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }

// target is one site of the measured Caddy.
type target struct {
	name   string
	site   string // what stands before reverse_proxy
	cookie string
	port   int
	rates  []float64 // requests a second, one a round
}

const (
	appPort   = 18090
	authPort  = 18091
	firstPort = 18100
	fourNames = "Remote-User Remote-Email Remote-Name Remote-Groups"
)

var databases = []string{"sqlite", "postgres", "mysql"}

func TestCompare(t *testing.T) {
	if _, err := exec.LookPath("wrk"); err != nil {
		t.Skip("wrk is not installed; it makes the load")
	}
	caddy := filepath.Join(t.TempDir(), "caddy")
	run(t, exec.Command("go", "build", "-o", caddy, "../../cmd/caddy"))
	urls := map[string]string{"sqlite": storetest.SQLite(t), "postgres": storetest.Postgres(t), "mysql": storetest.MySQL(t)}
	realms := realmConfig(urls)
	targets := allTargets(t, caddy, realms)
	serveAuth(t, urls["postgres"])
	start(t, caddy, "app", fmt.Sprintf("{\nadmin off\n}\nhttp://127.0.0.1:%d {\nbind 127.0.0.1\nrespond hello\n}\n", appPort))
	start(t, caddy, "front", realms+sites(targets))
	for _, target := range targets {
		waitFor(t, target)
	}
	for range *rounds {
		for _, target := range targets {
			target.rates = append(target.rates, load(t, target))
		}
	}
	report(t, targets)
}

// realmConfig is a realm for each database that asks on every request, and one
// with the default cache.
func realmConfig(urls map[string]string) string {
	var b strings.Builder
	b.WriteString("{\nadmin off\n")
	for _, name := range databases {
		fmt.Fprintf(&b, "session %s {\nstore %s\ncache_ttl 0\ncookie {\ninsecure\n}\n}\n", name, urls[name])
	}
	fmt.Fprintf(&b, "session cached {\nstore %s\ncookie {\ninsecure\n}\n}\n}\n", urls["postgres"])
	return b.String()
}

func allTargets(t *testing.T, caddy, realms string) []*target {
	four := "request_header Remote-User alice\nrequest_header Remote-Email alice@example.com\nrequest_header Remote-Name Alice\nrequest_header Remote-Groups admin,ops\n"
	targets := []*target{
		{name: "plain"},
		{name: "four constant headers", site: four},
		{name: "forward_auth + PostgreSQL", site: fmt.Sprintf("forward_auth 127.0.0.1:%d {\nuri /\ncopy_headers %s\n}\n", authPort, fourNames)},
		{name: "guard, cached", site: "session cached\n", cookie: token(t, caddy, realms, "cached")},
		{name: "guard, no cookie", site: "session cached {\noptional\n}\n"},
		{name: "guard, forged cookie", site: "session cached {\noptional\n}\n", cookie: strings.Repeat("A", store.TokenLen)},
	}
	for _, name := range databases {
		targets = append(targets, &target{name: "guard, " + name + " each time", site: "session " + name + "\n", cookie: token(t, caddy, realms, name)})
	}
	targets[2].cookie = targets[3].cookie
	for i, target := range targets {
		target.port = firstPort + i
	}
	return targets
}

func sites(targets []*target) string {
	var b strings.Builder
	for _, target := range targets {
		fmt.Fprintf(&b, "http://127.0.0.1:%d {\nbind 127.0.0.1\n%sreverse_proxy 127.0.0.1:%d\n}\n", target.port, target.site, appPort)
	}
	return b.String()
}

// serveAuth is the least that a server behind forward_auth does: look the
// cookie's session up in PostgreSQL, and answer with headers.
func serveAuth(t *testing.T, url string) {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", authPort))
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookie, err := r.Cookie("session")
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		raw, _ := base64.RawURLEncoding.DecodeString(cookie.Value)
		key := sha256.Sum256(raw[:32])
		var user, claims string
		if err := pool.QueryRow(r.Context(), "SELECT user_id, claims FROM caddy_session_sessions WHERE session_key = $1", key[:]).Scan(&user, &claims); err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		for i, name := range strings.Fields(fourNames) {
			w.Header().Set(name, []string{user, "alice@example.com", "Alice", "admin,ops"}[i])
		}
	})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		pool.Close()
	})
}

// token starts a session of alice.
func token(t *testing.T, caddy, realms, realm string) string {
	t.Helper()
	config := filepath.Join(t.TempDir(), "realms")
	write(t, config, realms)
	out, err := exec.Command(caddy, "session", "create", "--config", config, "--adapter", "caddyfile", "--realm", realm, "--user", "alice",
		"--claim", "email=alice@example.com", "--claim", "name=Alice", "--claim", "groups=admin", "--claim", "groups=ops").Output()
	if err != nil {
		t.Fatal("starting a session:", err)
	}
	return strings.TrimSpace(string(out))
}

func start(t *testing.T, caddy, name, config string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	write(t, file, config)
	cmd := exec.Command(caddy, "run", "--config", file, "--adapter", "caddyfile")
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(name, "says:", log.String())
		}
	})
}

func request(target *target) (*http.Response, error) {
	r, err := http.NewRequest(http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/", target.port), nil)
	if err != nil {
		return nil, err
	}
	if target.cookie != "" {
		r.Header.Set("Cookie", "session="+target.cookie)
	}
	return http.DefaultClient.Do(r)
}

func waitFor(t *testing.T, target *target) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		answer, err := request(target)
		if err == nil {
			answer.Body.Close()
		}
		if err == nil && answer.StatusCode == http.StatusOK {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not answer with 200: %v %v", target.name, answer, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

var (
	perSecond = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
	notOK     = regexp.MustCompile(`Non-2xx or 3xx responses: (\d+)`)
)

// load runs wrk against a target and returns the requests a second.
func load(t *testing.T, target *target) float64 {
	t.Helper()
	args := []string{"-t1", "-c32", fmt.Sprintf("-d%ds", *seconds)}
	if target.cookie != "" {
		args = append(args, "-H", "Cookie: session="+target.cookie)
	}
	out, err := exec.Command("wrk", append(args, fmt.Sprintf("http://127.0.0.1:%d/", target.port))...).Output()
	if err != nil {
		t.Fatal("wrk:", err)
	}
	if bad := notOK.FindSubmatch(out); bad != nil {
		t.Fatalf("%s: %s answers were not 200", target.name, bad[1])
	}
	match := perSecond.FindSubmatch(out)
	if match == nil {
		t.Fatalf("wrk said %s", out)
	}
	rate, _ := strconv.ParseFloat(string(match[1]), 64)
	return rate
}

// report prints each target's median rate, and the median of its ratios to the
// plain one of the same round.
func report(t *testing.T, targets []*target) {
	plain := targets[0].rates
	t.Logf("%-26s %10s %8s", "", "requests/s", "ratio")
	for _, target := range targets {
		ratios := make([]float64, len(plain))
		for i := range plain {
			ratios[i] = target.rates[i] / plain[i]
		}
		t.Logf("%-26s %10.0f %8.3f", target.name, median(target.rates), median(ratios))
	}
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func run(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
