package storetest

import (
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// onLoopback has a PostgreSQL server listen on a free port of 127.0.0.1, too.
func (s *Server) onLoopback() {
	s.port = freePort(s.tb)
	s.With("-c", "listen_addresses=127.0.0.1", "-p", s.port)
	s.url += "&port=" + s.port
	s.ping = pinger(s.url)
}

// StartMySQLOnLoopback starts a MariaDB server that is reached at 127.0.0.1, too,
// without TLS.
func StartMySQLOnLoopback(tb testing.TB) *Server {
	tb.Helper()
	needs(tb, noMySQL)
	return StartMySQLTLS(tb, nil, "", "")
}

// mysqlOnLoopback makes the files of a MariaDB server that listens on a free port of
// 127.0.0.1, and its users there.
func mysqlOnLoopback(tb testing.TB, dir string, args ...string) *Server {
	s := newMySQL(tb, dir)
	s.port = freePort(tb)
	s.args = slices.DeleteFunc(s.args, func(arg string) bool { return arg == "--skip-networking" })
	s.With(append(args, "--bind-address=127.0.0.1", "--port="+s.port, "--skip-name-resolve")...)
	setup := filepath.Join(dir, "setup.sql")
	text, err := os.ReadFile(setup)
	if err != nil {
		tb.Fatal(err)
	}
	for user, requires := range map[string]string{"tester": "NONE", "secured": "SSL", "certain": "X509"} {
		text = append(text, "CREATE USER IF NOT EXISTS "+user+"@'127.0.0.1' IDENTIFIED BY '"+Password+"' REQUIRE "+requires+";\nGRANT ALL ON *.* TO "+user+"@'127.0.0.1';\n"...)
	}
	if err := os.WriteFile(setup, text, 0o644); err != nil {
		tb.Fatal(err)
	}
	return s
}

// Address is where the server listens on loopback.
func (s *Server) Address() string { return net.JoinHostPort("127.0.0.1", s.port) }

// TCP returns the URL of the server at a host name and its port, for a user.
func (s *Server) TCP(user, host string, params ...string) string {
	return s.at(user, net.JoinHostPort(host, s.port), params...)
}

// Through returns the URL of the server's database at other addresses, which lead to
// it.
func (s *Server) Through(addresses []string, params ...string) string {
	return s.at("tester", strings.Join(addresses, ","), params...)
}

// at returns the URL of the server's database at one or several addresses.
func (s *Server) at(user, hosts string, params ...string) string {
	u, err := url.Parse(s.url)
	if err != nil {
		s.tb.Fatal("the URL of the server is malformed")
	}
	return u.Scheme + "://" + url.UserPassword(user, Password).String() + "@" + hosts + u.Path + "?" + strings.Join(params, "&")
}

func freePort(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	return port
}
