package storetest

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Balancer is an HAProxy in front of servers that listen on loopback. It sends
// connections to the first of them that is well.
type Balancer struct{ proxy, first *Server }

// Balance starts an HAProxy, which asks twice a second whether each server is one to be
// connected to, as it asks the REST interface of Patroni.
func Balance(tb testing.TB, isWell func(*Server) bool, servers ...*Server) *Balancer {
	tb.Helper()
	program := installed("/usr/sbin", "haproxy")
	if program == "" || !processes {
		Lacking(tb, "HAProxy is not installed (Debian: apt-get install haproxy)")
	}
	lines := make([]string, len(servers))
	for i, s := range servers {
		check := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if !isWell(s) {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		}))
		tb.Cleanup(check.Close)
		_, port, _ := net.SplitHostPort(check.Listener.Addr().String())
		lines[i] = fmt.Sprintf("server s%d %s check port %s", i, s.Address(), port)
		if i > 0 {
			lines[i] += " backup"
		}
	}
	proxy := startOwn(tb, func(tb testing.TB, dir string) *Server {
		s := &Server{tb: tb, dir: dir, program: program, user: serverAccount("nobody"), port: freePort(tb)}
		config := filepath.Join(dir, "haproxy.cfg")
		if err := os.WriteFile(config, []byte(s.balancerConfig(lines)), 0o644); err != nil {
			tb.Fatal(err)
		}
		s.user.own(tb, dir)
		s.args = []string{"-db", "-f", config}
		s.ping = func() error { _, err := s.administer("show info"); return err }
		return s
	})
	return &Balancer{proxy, servers[0]}
}

func (s *Server) balancerConfig(servers []string) string {
	return fmt.Sprintf(`global
  stats socket %s level admin
defaults
  mode tcp
  timeout connect 2s
  timeout client 1h
  timeout server 1h
listen databases
  bind 127.0.0.1:%s
  option httpchk GET /
  timeout check 2s
  default-server inter 500ms fall 2 rise 1
  %s
`, filepath.Join(s.dir, "admin"), s.port, strings.Join(servers, "\n  "))
}

// URL returns the URL of the servers' database behind the balancer.
func (b *Balancer) URL(params ...string) string {
	return b.first.at("tester", b.proxy.Address(), params...)
}

// Drain has a server, by its place, get no new connections. Those that there are stay.
func (b *Balancer) Drain(server int) {
	b.proxy.tb.Helper()
	answer, err := b.proxy.administer(fmt.Sprintf("set server databases/s%d state drain", server))
	if err != nil || strings.TrimSpace(answer) != "" {
		b.proxy.tb.Fatalf("draining a server: %v %s", err, answer)
	}
}

// administer gives HAProxy a command.
func (s *Server) administer(command string) (string, error) {
	conn, err := net.Dial("unix", filepath.Join(s.dir, "admin"))
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := fmt.Fprintln(conn, command); err != nil {
		return "", err
	}
	answer, err := io.ReadAll(conn)
	return string(answer), err
}
