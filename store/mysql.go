//go:build !nomariadb && (!nomysql || (nobadger && nopgx))

package store

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"math/rand/v2"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/seed-11312c3d/caddy-session/store/address"
)

var mysqlDialect = dialect{
	name:         "mysql",
	example:      "mysql://USER:PASSWORD@HOST/DATABASE",
	quote:        "`",
	hasSchemas:   true,
	updatesJoins: true,
	check: func(s Settings) error {
		_, err := mysqlConfig(s)
		return err
	},
	open: openMySQL,
	away: func(err error) bool {
		// No connection free, somebody holds the lock.
		return mysqlBroken(err) || mysqlNotReady(err) || hasNumber(err, 1040, 1203, 1205)
	},
	noTable:  func(err error) bool { return hasNumber(err, 1146) },
	noColumn: func(err error) bool { return hasNumber(err, 1054) },
	badValue: func(err error) bool {
		e, ok := errors.AsType[*mysql.MySQLError](err)
		return ok && strings.HasPrefix(string(e.SQLState[:]), "22")
	},
	readOnly:  mysqlReadOnly,
	locked:    isNever,
	refused:   refusesNothing,
	collided:  mysqlCollided,
	exists:    mysqlExists,
	raced:     mysqlRaced,
	duplicate: mysqlDuplicate,
	full:      func(err error) bool { return hasNumber(err, 1040, 1203) },
}

func openMySQL(_ context.Context, s Settings) (pool, error) {
	cfg, err := mysqlConfig(s)
	if err != nil {
		return nil, err
	}
	if err := s.mysqlTLS(cfg); err != nil {
		return nil, err
	}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, errors.New("the database's URL has parameters that do not go together")
	}
	conns := &mysqlConns{Connector: connector, access: s.Access}
	db := sql.OpenDB(conns)
	db.SetMaxOpenConns(s.serverConns())
	db.SetMaxIdleConns(s.serverConns())
	db.SetConnMaxIdleTime(connAges.idle)
	db.SetConnMaxLifetime(connAges.most + rand.N(connAges.most/2))
	both := &preparing{db: db}
	return &sqlPool{
		read: both, write: both, broken: mysqlBroken, renew: conns.renew, heard: conns.heard, stale: mysqlStale,
		transact: mysqlTx, writes: newTurns(s.serverConns()),
	}, nil
}

// mysqlConfig writes an address for the driver.
func mysqlConfig(s Settings) (*mysql.Config, error) {
	a, err := address.Parse(s.URL)
	if err != nil {
		return nil, err
	}
	cfg, err := mysqlParams(a.Params, s)
	if err != nil {
		return nil, err
	}
	cfg.User, cfg.Passwd = a.User, a.Password
	if cfg.Net, cfg.Addr, err = mysqlAddr(a.Hosts); err != nil {
		return nil, err
	}
	if cfg.DBName = cmp.Or(a.Database, s.Schema); cfg.DBName == "" {
		return nil, errors.New("the MySQL URL names no database; add it, as in mysql://USER:PASSWORD@HOST/DATABASE")
	}
	if cfg.Net == "tcp" { // what goes through a Unix socket stays on this machine
		cfg.TLSConfig = mysqlTLSNames[a.TLS.Mode]
	}
	return cfg, nil
}

func mysqlAddr(hosts []address.Host) (network, addr string, err error) {
	var h address.Host
	switch len(hosts) {
	case 0:
	case 1:
		h = hosts[0]
	default:
		return "", "", errors.New("the MySQL URL names several hosts, which only PostgreSQL's driver chooses among; name one address, of a proxy that knows which is the primary, or a virtual IP")
	}
	if strings.HasPrefix(h.Name, "/") {
		return "unix", h.Name, nil
	}
	return "tcp", net.JoinHostPort(cmp.Or(h.Name, "localhost"), cmp.Or(h.Port, "3306")), nil
}

// mysqlParams sets what the statements rely on, whatever the server's defaults:
// with a lax sql_mode a server cuts off what is too long and says nothing.
func mysqlParams(params map[string]string, s Settings) (*mysql.Config, error) {
	query := make(url.Values, len(params))
	for name, value := range params {
		query.Set(name, value)
	}
	cfg, err := mysql.ParseDSN("/?" + query.Encode())
	if err != nil {
		return nil, errors.New("the parameters of the MySQL URL are not understood by the driver; check what follows the `?`")
	}
	cfg.ParseTime, cfg.Loc = true, time.UTC
	cfg.InterpolateParams, cfg.MultiStatements = false, false
	cfg.ClientFoundRows = false
	cfg.Logger = new(mysql.NopLogger) // what matters is returned as an error
	if cfg.Params == nil {
		cfg.Params = make(map[string]string)
	}
	cfg.Params["time_zone"] = "'+00:00'"
	cfg.Params["sql_mode"] = "'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'"
	// A server that stops answering must not keep a connection for ever.
	for _, patience := range []*time.Duration{&cfg.ReadTimeout, &cfg.WriteTimeout} {
		if *patience == 0 {
			*patience = cmp.Or(s.longest, mysqlPatience)
		}
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = connectPatience
	}
	return cfg, cfg.Apply(mysql.Charset("utf8mb4", ""))
}

// mysqlPatience is longer than any statement takes, the wait for a lock included.
const mysqlPatience = 30 * time.Second

// hasNumber reports an error from the server with one of these numbers.
func hasNumber(err error, numbers ...uint16) bool {
	var e *mysql.MySQLError
	return errors.As(err, &e) && slices.Contains(numbers, e.Number)
}

// mysqlStale reports a statement that must be prepared anew, or that a proxy
// does not remember.
func mysqlStale(err error) bool { return hasNumber(err, 1615, 1243) }

// mysqlBroken reports that the connection failed: it was lost, or the server
// is shutting down, or has ended it.
func mysqlBroken(err error) bool {
	return errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, driver.ErrBadConn) || hasNumber(err, 1053, 1927, 4031)
}
