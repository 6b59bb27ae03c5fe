package storetest

import (
	"os"
	"strings"
	"sync"
	"testing"
)

// shared is a server that all tests of a process use, each with a database of
// its own.
type shared struct {
	env   string // names a server that runs already
	no    string // the build tag that has left the driver out, or nothing
	start func(tb testing.TB, dir string) *Server

	mu     sync.Mutex
	server *Server
	dir    string
}

var (
	sharedPostgres = &shared{env: "TEST_POSTGRES_URL", no: noPostgres, start: newPostgres}
	sharedMySQL    = &shared{env: "TEST_MYSQL_URL", no: noMySQL, start: newMySQL}
)

// fresh creates a database, and drops it after the test.
func (s *shared) fresh(tb testing.TB) string {
	tb.Helper()
	needs(tb, s.no)
	admin := os.Getenv(s.env)
	if admin == "" {
		admin = s.serverURL(tb)
	}
	name := freshName()
	s.run(tb, admin, "CREATE DATABASE "+name)
	tb.Cleanup(func() {
		if os.Getenv(s.env) != "" {
			s.run(tb, admin, "DROP DATABASE "+name)
		}
	})
	return withDatabase(admin, name)
}

func (s *shared) serverURL(tb testing.TB) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server == nil {
		s.dir = tempDir(tb)
		defer s.removeUnused()
		server := s.start(tb, s.dir) // may skip the test
		server.Start()
		s.server = server
	}
	return s.server.URL()
}

func (s *shared) removeUnused() {
	if s.server == nil {
		_ = os.RemoveAll(s.dir)
	}
}

func (s *shared) run(tb testing.TB, url, statement string) {
	tb.Helper()
	db, err := openURL(url)
	if err != nil {
		tb.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		tb.Fatalf("%s: %v", statement, err)
	}
}

func (s *shared) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server != nil {
		s.server.Kill() // nobody needs what is in it
		_ = os.RemoveAll(s.dir)
		s.server = nil
	}
}

// stopShared ends what the tests of a process share.
func stopShared() {
	sharedPostgres.stop()
	sharedMySQL.stop()
	postgresTemplate.remove()
	mysqlTemplate.remove()
}

// withDatabase replaces the database that a URL names.
func withDatabase(url, name string) string {
	scheme, rest, _ := strings.Cut(url, "://")
	host, params, hasParams := strings.Cut(rest, "?")
	host, _, _ = strings.Cut(host, "/")
	if hasParams {
		params = "?" + params
	}
	return scheme + "://" + host + "/" + name + params
}

// tempDir makes a directory with a short name, for a socket's is limited.
func tempDir(tb testing.TB) string {
	dir, err := os.MkdirTemp("", "db")
	if err != nil {
		tb.Fatal(err)
	}
	return dir
}
