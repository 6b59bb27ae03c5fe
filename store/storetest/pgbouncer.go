package storetest

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// bouncerPort names a pooler's socket.
const bouncerPort = "6432"

// PgBouncer puts a pooler between a test and a PostgreSQL database: each
// transaction may get another of its few connections to the server. It returns
// the URL to use instead. The pooler's configuration gets further lines.
func PgBouncer(tb testing.TB, database string, lines ...string) string {
	tb.Helper()
	program := installed("/usr/sbin", "pgbouncer")
	if program == "" || !processes {
		Lacking(tb, "PgBouncer is not installed (Debian: apt-get install pgbouncer)")
	}
	u, err := url.Parse(database)
	if err != nil {
		tb.Fatal("the URL of the PostgreSQL server is malformed")
	}
	return startOwn(tb, func(tb testing.TB, dir string) *Server {
		s := &Server{tb: tb, dir: dir, program: program, user: serverAccount("postgres", "nobody")}
		config := filepath.Join(dir, "pgbouncer.ini")
		if err := os.WriteFile(config, []byte(bouncerConfig(u, dir)+strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			tb.Fatal(err)
		}
		s.user.own(tb, dir)
		s.args = []string{config}
		s.url = fmt.Sprintf("postgres://tester@/%s?host=%s&port="+bouncerPort, strings.TrimPrefix(u.Path, "/"), url.QueryEscape(dir))
		s.ping = pinger(s.url)
		return s
	}).URL()
}

func bouncerConfig(u *url.URL, dir string) string {
	host := u.Query().Get("host")
	if host == "" {
		host = u.Hostname()
	}
	port := u.Port()
	if port == "" {
		port = "5432"
	}
	secret, _ := u.User.Password()
	return fmt.Sprintf(`[databases]
* = host='%s' port=%s user='%s' password='%s'
[pgbouncer]
listen_addr =
listen_port = %s
unix_socket_dir = %s
auth_type = any
pool_mode = transaction
default_pool_size = 3
`, host, port, u.User.Username(), secret, bouncerPort, dir)
}
