//go:build bench

// Package bench compares whole programs: a plain Caddy in front of an app, the
// same with four constant headers, and the same with a guard on each database.
//
//	go test -tags bench -run Compare -v ./tests/bench
//
// It needs wrk. All traffic stays on the loopback interface, in rounds of a few
// seconds in which each target runs once, so that a noisy machine is noisy for all.
package bench

import (
	"bytes"
	"flag"
	"fmt"
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
	port   int
	cookie string
	rates  []float64 // requests a second, one a round
}

const (
	appPort   = 18090
	firstPort = 18100
)

func TestCompare(t *testing.T) {
	if _, err := exec.LookPath("wrk"); err != nil {
		t.Skip("wrk is not installed; it makes the load")
	}
	caddy := filepath.Join(t.TempDir(), "caddy")
	run(t, exec.Command("go", "build", "-o", caddy, "../../cmd/caddy"))
	targets := []*target{{name: "plain"}, {name: "four constant headers"}, {name: "no cookie (optional)"}, {name: "forged cookie (optional)"}}
	databases := []string{"sqlite", "postgres", "mysql"}
	urls := map[string]string{"sqlite": storetest.SQLite(t), "postgres": storetest.Postgres(t), "mysql": storetest.MySQL(t)}
	for _, name := range databases {
		targets = append(targets, &target{name: name, cookie: token(t, caddy, name, urls[name])})
	}
	targets[3].cookie = strings.Repeat("A", 64)
	start(t, caddy, "app", fmt.Sprintf("{\nadmin off\n}\nhttp://127.0.0.1:%d {\nbind 127.0.0.1\nrespond hello\n}\n", appPort))
	start(t, caddy, "front", frontConfig(targets, databases, urls))
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

// frontConfig is the Caddyfile of the measured Caddy: a site for each target.
func frontConfig(targets []*target, databases []string, urls map[string]string) string {
	var b strings.Builder
	b.WriteString("{\nadmin off\n")
	for _, name := range databases {
		fmt.Fprintf(&b, "session %s {\nstore %s\ncookie {\ninsecure\n}\n}\n", name, urls[name])
	}
	b.WriteString("}\n")
	middle := []string{
		"",
		"request_header Remote-User alice\nrequest_header Remote-Email alice@example.com\nrequest_header Remote-Name Alice\nrequest_header Remote-Groups admin,ops\n",
		"session sqlite {\noptional\n}\n",
		"session sqlite {\noptional\n}\n",
	}
	for _, name := range databases {
		middle = append(middle, "session "+name+"\n")
	}
	for i, target := range targets {
		target.port = firstPort + i
		fmt.Fprintf(&b, "http://127.0.0.1:%d {\nbind 127.0.0.1\n%sreverse_proxy 127.0.0.1:%d\n}\n", target.port, middle[i], appPort)
	}
	return b.String()
}

// token starts a session of alice.
func token(t *testing.T, caddy, realm, url string) string {
	t.Helper()
	config := filepath.Join(t.TempDir(), "realm")
	write(t, config, fmt.Sprintf("{\nsession %s {\nstore %s\n}\n}\n", realm, url))
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
