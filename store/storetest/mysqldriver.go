//go:build !nomariadb && (!nomysql || (nobadger && nopgx))

package storetest

import (
	"net/url"
	"strings"

	"github.com/go-sql-driver/mysql" // registers itself as "mysql"
)

// noMySQL is the build tag that has left the driver out, or nothing.
const noMySQL = ""

// MySQLDSN writes a URL in the way of Go's driver.
func MySQLDSN(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	cfg := mysql.NewConfig()
	cfg.Logger = new(mysql.NopLogger)
	cfg.User = u.User.Username()
	cfg.Passwd, _ = u.User.Password()
	cfg.DBName = strings.TrimPrefix(u.Path, "/")
	cfg.Net, cfg.Addr = "tcp", u.Host
	if socket := u.Query().Get("socket"); socket != "" {
		cfg.Net, cfg.Addr = "unix", socket
	}
	return cfg.FormatDSN()
}
