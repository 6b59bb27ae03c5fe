package storetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Server is a database server of a test's own, for tests of what happens when
// it fails.
type Server struct {
	tb      testing.TB
	dir     string
	program string
	args    []string
	user    *account // runs the program; nil: whoever runs the tests
	url     string
	port    string // where it is reached by TCP; empty: it is not
	ping    func() error
	running *process
}

// StartPostgres starts a PostgreSQL server that the test has for itself.
func StartPostgres(tb testing.TB) *Server {
	tb.Helper()
	needs(tb, noPostgres)
	return startOwn(tb, newPostgres)
}

// StartMySQL starts a MariaDB or MySQL server that the test has for itself.
func StartMySQL(tb testing.TB) *Server {
	tb.Helper()
	needs(tb, noMySQL)
	return startOwn(tb, newMySQL)
}

func startOwn(tb testing.TB, start func(testing.TB, string) *Server) *Server {
	tb.Helper()
	dir := tempDir(tb)
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := start(tb, dir)
	tb.Cleanup(s.Kill)
	s.Start()
	return s
}

// URL returns the URL of an empty database on the server, with its password.
func (s *Server) URL() string { return s.url }

// Start starts the server, if it is not running, and waits until it answers.
func (s *Server) Start() {
	s.tb.Helper()
	if s.running != nil {
		return
	}
	p, err := startProcess(s.command(s.program, s.args...))
	if err != nil {
		s.tb.Fatalf("starting %s: %v", s.program, err)
	}
	s.running = p
	for deadline := time.Now().Add(patience); s.ping() != nil; {
		if p.ended() || time.Now().After(deadline) {
			s.tb.Fatalf("%s does not answer: %v\n%s", s.program, s.ping(), s.logs())
		}
		<-time.After(20 * time.Millisecond)
	}
}

// With gives the server's program further arguments, from its next start on.
func (s *Server) With(args ...string) { s.args = append(s.args, args...) }

// Stop ends the server in an orderly way, and waits for it.
func (s *Server) Stop() { s.end((*process).stop) }

// Kill ends the server at once, as a power failure would.
func (s *Server) Kill() { s.end((*process).kill) }

func (s *Server) end(how func(*process)) {
	if s.running == nil {
		return
	}
	s.running.thaw() // a frozen process does not notice a polite signal
	how(s.running)
	<-s.running.done
	s.running = nil
}

// Freeze stops the server's clock: it keeps its connections and answers
// nothing, until Thaw.
func (s *Server) Freeze() { s.running.freeze() }

// Thaw lets a frozen server go on.
func (s *Server) Thaw() { s.running.thaw() }

// command makes a command that writes to the server's log.
func (s *Server) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		s.tb.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	s.user.apply(cmd)
	return cmd
}

// prepare runs a program that makes the server's files.
func (s *Server) prepare(program string, args ...string) {
	s.tb.Helper()
	if err := s.command(program, args...).Run(); err != nil {
		s.tb.Fatalf("running %s: %v\n%s", program, err, s.logs())
	}
}

func (s *Server) logs() string {
	log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	return string(log)
}

// installed finds the first of some programs, in the path or a directory.
func installed(dirs string, names ...string) string {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
		found, _ := filepath.Glob(filepath.Join(dirs, name))
		if len(found) > 0 {
			return found[len(found)-1] // the newest version
		}
	}
	return ""
}

// Password is within the URLs of all servers. Tests look for it where no secret
// must be.
const Password = "pa55-w0rd-of-the-tests"
