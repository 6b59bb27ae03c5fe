package storetest

import (
	"net"
	"net/url"
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
