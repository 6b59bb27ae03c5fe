//go:build !nomariadb && (!nomysql || (nobadger && nopgx))

package store

import "testing"

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
