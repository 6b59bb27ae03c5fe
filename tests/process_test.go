//go:build unix

package tests

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// process is a Caddy in a process of its own, for stories with several nodes
// and for those in which one of them is killed.
type process struct {
	*server
	cmd *exec.Cmd
}

// startProcess runs a Caddy like start, but in a process of its own.
func startProcess(t testing.TB, config setup) *process {
	t.Helper()
	p := &process{server: newServer(t, config)}
	p.config = config
	p.run()
	t.Cleanup(p.kill)
	return p
}

// run starts the process and waits until it is ready.
func (p *process) run() {
	p.t.Helper()
	path := filepath.Join(p.dir, "Caddyfile")
	write(p.t, path, p.fileLogged(p.caddyfile(p.config)))
	p.cmd = exec.Command("caddy", "run", "--config", path, "--adapter", "caddyfile")
	p.cmd.Env = append(os.Environ(), "HOME="+p.dir, "XDG_CONFIG_HOME="+p.dir, "XDG_DATA_HOME="+p.dir)
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	// It may listen before its database is ready, and answers 503 until then.
	eventually(p.t, "the other Caddy is ready", func() bool {
		conn, err := net.Dial(p.network, p.address)
		if err != nil {
			return false
		}
		defer conn.Close()
		a, err := newClient(conn).exchange(request("GET", "/", cookie(strings.Repeat("A", 64))))
		return err == nil && a.status == 401
	})
}

// fileLogged has the log written to a file, which outlives a kill.
func (p *process) fileLogged(caddyfile string) string {
	return strings.Replace(caddyfile, "output capture "+p.dir, "output file "+filepath.Join(p.dir, "log"), 1)
}

// kill ends the process as `kill -9` does, and waits for its end.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	os.Remove(p.address)
}

// restart is what a supervisor does after a crash.
func (p *process) restart() {
	p.t.Helper()
	p.kill()
	p.run()
}
