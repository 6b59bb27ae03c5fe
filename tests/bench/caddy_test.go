//go:build bench

package bench

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// realm is a population of sessions in a Caddyfile.
type realm struct {
	name    string
	url     string
	options string
	token   string // of one session
	tokens  []string
	keys    map[string]store.Key // of the tokens
}

// open makes the realm's tables and lets do fill them.
func (r *realm) open(t *testing.T, do func(*store.Store)) {
	t.Helper()
	s := started(t, r.url)
	do(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func (r *realm) String() string {
	return fmt.Sprintf("session %s {\nstore %s\n%s\ncookie session {\ninsecure\n}\n}\n", r.name, r.url, r.options)
}

// config is a Caddyfile with some realms and sites.
func config(admin string, realms []*realm, sites string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "{\nadmin %s\n", admin)
	for _, r := range realms {
		b.WriteString(r.String())
	}
	return b.String() + "}\n" + sites
}

func site(port int, directives string) string {
	return fmt.Sprintf("http://127.0.0.1:%d {\nbind 127.0.0.1\n%s\n}\n", port, directives)
}

func buildCaddy(t *testing.T) string {
	t.Helper()
	caddy := filepath.Join(t.TempDir(), "caddy")
	if out, err := exec.Command("go", "build", "-o", caddy, "../../cmd/caddy").CombinedOutput(); err != nil {
		t.Fatalf("building Caddy: %v\n%s", err, out)
	}
	return caddy
}

// program is a Caddy that runs.
type program struct {
	cmd  *exec.Cmd
	stop func()
}

// start starts a Caddy in a process of its own.
func start(t *testing.T, caddy, name, config string) *program {
	t.Helper()
	file := filepath.Join(t.TempDir(), "Caddyfile")
	write(t, file, config)
	var log bytes.Buffer
	cmd := exec.Command(caddy, "run", "--config", file, "--adapter", "caddyfile")
	cmd.Stderr = &log
	t.Cleanup(func() { // after the program's end
		if t.Failed() {
			t.Log(name, "says:", log.String())
		}
	})
	return &program{cmd, storetest.Program(t, cmd)}
}

// tick is what Linux counts a process's time in, for all to see.
const tick = 10 * time.Millisecond

// cpu returns the processor time that the program has taken.
func (p *program) cpu(t *testing.T) time.Duration {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal("reading a program's time:", err)
	}
	// What follows the program's name begins with the third field.
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	user, _ := strconv.Atoi(fields[14-3])
	system, _ := strconv.Atoi(fields[15-3])
	return time.Duration(user+system) * tick
}

// waitFor waits until a site has its sessions.
func waitFor(t *testing.T, port int, cookie string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		status, err := getOnce(port, cookie)
		if err == nil && status == http.StatusOK {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the site on port %d does not answer with 200: %d %v", port, status, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
