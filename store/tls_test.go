package store_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// tlsServers are what certificates are tried on: a server, its CA and another
// one, and a client's certificate.
type tlsServers struct {
	server      *storetest.Server
	ca, otherCA *storetest.CA
	cert, key   string
}

func newTLS(t *testing.T, start func(testing.TB, *storetest.CA, string, string) *storetest.Server) *tlsServers {
	s := &tlsServers{ca: storetest.NewCA(t), otherCA: storetest.NewCA(t)}
	cert, key := s.ca.Issue("server", "localhost", "127.0.0.1")
	s.server = start(t, s.ca, cert, key)
	s.cert, s.key = s.ca.Issue("certain")
	return s
}

// opens reports what a start by a URL says, which must not hold the password.
func opens(t *testing.T, address string) error {
	t.Helper()
	s, log := newStore(t, store.Settings{URL: address, Access: store.ForeignRead})
	err := s.Start(t.Context())
	if err == nil && !s.Ready() {
		err = errors.New("it waits: " + log.String())
	}
	if err != nil && strings.Contains(err.Error(), storetest.Password) {
		t.Errorf("the password is in %v", err)
	}
	return err
}

// waits means that a start tries on, as if waiting could help.
func waits(err error) bool { return err != nil && strings.HasPrefix(err.Error(), "it waits") }

// All ways to encrypt the connection do what their names say, and a certificate
// that is not to be trusted is refused for good, with a reason (D6).
func TestD6_TLSToPostgreSQL(t *testing.T) {
	s := newTLS(t, storetest.StartPostgresTLS)
	mustExec(t, storetest.Open(t, s.server.URL()), "CREATE ROLE certain LOGIN")
	ca, other := "sslrootcert="+url.QueryEscape(s.ca.File), "sslrootcert="+url.QueryEscape(s.otherCA.File)
	client := "sslcert=" + url.QueryEscape(s.cert) + "&sslkey=" + url.QueryEscape(s.key)
	for _, c := range []struct {
		what, user, host string
		params           []string
		says             string // empty: it works
	}{
		{"verify-full", "tester", "127.0.0.1", []string{"sslmode=verify-full", ca}, ""},
		{"verify-full by name", "tester", "localhost", []string{"sslmode=verify-full", ca}, ""},
		{"verify-ca", "tester", "127.0.0.1", []string{"sslmode=verify-ca", ca}, ""},
		{"require", "tester", "127.0.0.1", []string{"sslmode=require"}, ""},
		{"require with a CA", "tester", "127.0.0.1", []string{"sslmode=require", other}, "unknown authority"},
		{"prefer", "tester", "127.0.0.1", []string{"sslmode=prefer"}, ""},
		{"disable, and the server insists", "tester", "127.0.0.1", []string{"sslmode=disable"}, "no encryption"},
		{"Prisma's strict", "tester", "127.0.0.1", []string{"sslaccept=strict", "sslcert=" + url.QueryEscape(s.ca.File)}, ""},
		{"another CA", "tester", "127.0.0.1", []string{"sslmode=verify-full", other}, "unknown authority"},
		{"another CA, name not verified", "tester", "127.0.0.1", []string{"sslmode=verify-ca", other}, "unknown authority"},
		{"the system's CAs", "tester", "127.0.0.1", []string{"sslmode=verify-full", "sslrootcert=system"}, "unknown authority"},
		{"a client certificate", "certain", "127.0.0.1", []string{"sslmode=verify-full", ca, client}, ""},
		{"no client certificate", "certain", "127.0.0.1", []string{"sslmode=verify-full", ca}, "certificate"},
		{"no file", "tester", "127.0.0.1", []string{"sslmode=verify-full", "sslrootcert=/nowhere.pem"}, "/nowhere.pem"},
		{"no PEM", "tester", "127.0.0.1", []string{"sslmode=verify-full", "sslrootcert=" + url.QueryEscape(s.key)}, "PEM"},
	} {
		t.Run(c.what, func(t *testing.T) { assertOpens(t, s.server.TCP(c.user, c.host, c.params...), c.says) })
	}
	t.Run("another name", func(t *testing.T) {
		cert, key := s.ca.Issue("elsewhere", "db.example.com")
		elsewhere := storetest.StartPostgresTLS(t, s.ca, cert, key)
		assertOpens(t, elsewhere.TCP("tester", "127.0.0.1", "sslmode=verify-full", ca), "certificate")
		assertOpens(t, elsewhere.TCP("tester", "127.0.0.1", "sslmode=verify-ca", ca), "")
	})
}

func assertOpens(t *testing.T, address, says string) {
	t.Helper()
	err := opens(t, address)
	switch {
	case says == "" && err != nil:
		t.Error(err)
	case says != "" && (err == nil || waits(err) || !strings.Contains(err.Error(), says)):
		t.Errorf("want %q: %v", says, err)
	}
}

// The same on MySQL, by its own names and by PostgreSQL's (D6).
func TestD6_TLSToMySQL(t *testing.T) {
	s := newTLS(t, storetest.StartMySQLTLS)
	ca, other := "ssl-ca="+url.QueryEscape(s.ca.File), "ssl-ca="+url.QueryEscape(s.otherCA.File)
	client := "ssl-cert=" + url.QueryEscape(s.cert) + "&ssl-key=" + url.QueryEscape(s.key)
	for _, c := range []struct {
		what, user string
		params     []string
		says       string // empty: it works
	}{
		{"VERIFY_IDENTITY", "secured", []string{"ssl-mode=VERIFY_IDENTITY", ca}, ""},
		{"VERIFY_CA", "secured", []string{"ssl-mode=VERIFY_CA", ca}, ""},
		{"REQUIRED", "secured", []string{"ssl-mode=REQUIRED"}, ""},
		{"REQUIRED with a CA", "secured", []string{"ssl-mode=REQUIRED", other}, "unknown authority"},
		{"PREFERRED", "secured", []string{"ssl-mode=PREFERRED"}, ""},
		{"DISABLED", "tester", []string{"ssl-mode=DISABLED"}, ""},
		{"DISABLED, and the server insists", "secured", []string{"ssl-mode=DISABLED"}, "Access denied"},
		{"by PostgreSQL's names", "secured", []string{"sslmode=verify-full", "sslrootcert=" + url.QueryEscape(s.ca.File)}, ""},
		{"PlanetScale's strict", "secured", []string{"sslaccept=strict", "sslcert=" + url.QueryEscape(s.ca.File)}, ""},
		{"another CA", "secured", []string{"ssl-mode=VERIFY_IDENTITY", other}, "unknown authority"},
		{"another CA, name not verified", "secured", []string{"ssl-mode=VERIFY_CA", other}, "unknown authority"},
		{"the system's CAs", "secured", []string{"ssl-mode=VERIFY_IDENTITY"}, "unknown authority"},
		{"the system's CAs, name not verified", "secured", []string{"ssl-mode=VERIFY_CA"}, "unknown authority"},
		{"a client certificate", "certain", []string{"ssl-mode=VERIFY_IDENTITY", ca, client}, ""},
		{"a client certificate by PostgreSQL's names", "certain", []string{"sslmode=verify-full", ca, "sslcert=" + url.QueryEscape(s.cert), "sslkey=" + url.QueryEscape(s.key)}, ""},
		{"no client certificate", "certain", []string{"ssl-mode=VERIFY_IDENTITY", ca}, "Access denied"},
		{"no file", "secured", []string{"ssl-mode=VERIFY_CA", "ssl-ca=/nowhere.pem"}, "/nowhere.pem"},
		{"no PEM", "secured", []string{"ssl-mode=VERIFY_CA", "ssl-ca=" + url.QueryEscape(s.key)}, "PEM"},
		{"half a certificate", "secured", []string{"ssl-mode=VERIFY_CA", ca, "ssl-cert=" + url.QueryEscape(s.cert), "ssl-key=/nowhere.key"}, "/nowhere.key"},
	} {
		t.Run(c.what, func(t *testing.T) { assertOpens(t, s.server.TCP(c.user, "127.0.0.1", c.params...), c.says) })
	}
	t.Run("another name", func(t *testing.T) {
		cert, key := s.ca.Issue("elsewhere", "db.example.com")
		elsewhere := storetest.StartMySQLTLS(t, s.ca, cert, key)
		assertOpens(t, elsewhere.TCP("secured", "127.0.0.1", "ssl-mode=VERIFY_IDENTITY", ca), "certificate")
		assertOpens(t, elsewhere.TCP("secured", "127.0.0.1", "ssl-mode=VERIFY_CA", ca), "")
	})
	t.Run("a server without TLS", func(t *testing.T) {
		plain := storetest.StartMySQLTLS(t, nil, "", "")
		assertOpens(t, plain.TCP("tester", "127.0.0.1", "ssl-mode=PREFERRED"), "")
		assertOpens(t, plain.TCP("tester", "127.0.0.1", "ssl-mode=REQUIRED"), "TLS")
	})
	t.Run("sessions of its own", func(t *testing.T) {
		x, _ := newStore(t, store.Settings{URL: s.server.TCP("certain", "127.0.0.1", "ssl-mode=VERIFY_IDENTITY", ca, client)})
		if err := x.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		create(t, x.Sessions("main", idle, lifetime), "alice", time.Now())
	})
}
