package storetest

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

// Standby has a PostgreSQL server that was stopped start as a standby, which takes
// no changes until pg_promote is called.
func (s *Server) Standby() {
	s.tb.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, "data", "standby.signal"), nil, 0o644); err != nil {
		s.tb.Fatal(err)
	}
	s.user.own(s.tb, s.dir)
}

// newPostgres makes the files of a PostgreSQL server.
func newPostgres(tb testing.TB, dir string) *Server {
	tb.Helper()
	const where = "/usr/lib/postgresql/*/bin"
	initdb, program := installed(where, "initdb"), installed(where, "postgres")
	if initdb == "" || program == "" || !processes {
		Lacking(tb, "PostgreSQL is not installed (Debian: apt-get install postgresql)")
	}
	s := &Server{tb: tb, dir: dir, program: program, user: serverAccount("postgres", "nobody")}
	s.user.own(tb, dir)
	data := filepath.Join(dir, "data")
	postgresTemplate.copyTo(s, data, func(maker *Server, data string) {
		secret := filepath.Join(maker.dir, "secret")
		if err := os.WriteFile(secret, []byte(Password+"\n"), 0o644); err != nil {
			tb.Fatal(err)
		}
		maker.prepare(initdb, "--no-sync", "--username=tester", "--pwfile="+secret, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--pgdata="+data)
	})
	s.servePostgres(data)
	return s
}

// servePostgres says how the server is started, and reached by its socket.
func (s *Server) servePostgres(data string) {
	s.args = []string{"-D", data, "-k", s.dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200", "-c", "unix_socket_permissions=0777"}
	s.url = "postgres://tester:" + Password + "@/postgres?host=" + url.QueryEscape(s.dir)
	s.ping = pinger(s.url)
}
