//go:build !nomariadb && (!nomysql || (nobadger && nopgx))

package store

import (
	"log/slog"
	"strings"
	"testing"
)

func TestMySQLURL(t *testing.T) {
	cfg, err := mysqlConfig(Settings{URL: "mariadb://u%40x:p%2Fw%3F@[::1]:3307/sessions?tls=skip-verify&socket="})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.User != "u@x" || cfg.Passwd != "p/w?" || cfg.Addr != "[::1]:3307" || cfg.DBName != "sessions" || cfg.TLSConfig != "skip-verify" {
		t.Error(cfg.User, cfg.Addr, cfg.DBName, cfg.TLSConfig)
	}
	cfg, err = mysqlConfig(Settings{URL: "mysql://u@localhost?socket=/run/my.sock", Schema: "app"})
	if err != nil || cfg.Net != "unix" || cfg.Addr != "/run/my.sock" || cfg.DBName != "app" {
		t.Error(cfg, err)
	}
}

// MySQL's driver knows one host. A configuration with several is refused, and says
// what to do (D6).
func TestD6_MySQLTakesOneHost(t *testing.T) {
	for _, url := range []string{
		"jdbc:mysql://u:s3cret@h1,h2/db", "mysql://u:s3cret@h1,h2/db", "mysql://u:s3cret@h1:3306,h2:3307/db", "mariadb://u:s3cret@h1,h2/db",
		"mysql://u:s3cret@/db?host=h1,h2", "mysql://u:s3cret@/db?host=h1&host=h2",
	} {
		for _, access := range []Access{Own, ForeignRead, ForeignWrite} {
			s := Settings{URL: url, Access: access}
			_, made := New(s, slog.New(slog.DiscardHandler))
			for _, err := range []error{s.Check(), made} {
				if err == nil || !strings.Contains(err.Error(), "several hosts") || !strings.Contains(err.Error(), "a virtual IP") || strings.Contains(err.Error(), "s3cret") {
					t.Error(url, err)
				}
			}
		}
	}
}

// How a URL says that the connection is encrypted is what the driver does (D6).
func TestD6_MySQLsModesWithoutFiles(t *testing.T) {
	for mode, want := range map[string]struct{ encrypted, verified, named, plain bool }{
		"DISABLED": {}, "PREFERRED": {encrypted: true, plain: true}, "REQUIRED": {encrypted: true},
		"VERIFY_CA": {encrypted: true, verified: true}, "VERIFY_IDENTITY": {encrypted: true, verified: true, named: true},
	} {
		s := Settings{URL: "mysql://u@db.example.com/db?ssl-mode=" + mode}
		cfg, err := mysqlConfig(s)
		if err == nil {
			err = s.mysqlTLS(cfg)
		}
		if err != nil {
			t.Fatal(mode, err)
		}
		if (cfg.TLS != nil) != want.encrypted || cfg.AllowFallbackToPlaintext != want.plain {
			t.Errorf("%s: %+v", mode, cfg)
		}
		if cfg.TLS == nil {
			continue
		}
		if verified := !cfg.TLS.InsecureSkipVerify || cfg.TLS.VerifyConnection != nil; verified != want.verified || cfg.TLS.InsecureSkipVerify == want.named {
			t.Errorf("%s verifies otherwise", mode)
		}
	}
}
