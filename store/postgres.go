//go:build !nopostgres

package store

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/seed-11312c3d/caddy-session/store/address"
)

var postgres = dialect{
	name:       "postgres",
	example:    "postgres://USER:PASSWORD@HOST/DATABASE",
	quote:      `"`,
	numbered:   true,
	hasSchemas: true,
	hasArrays:  true,
	check: func(s Settings) error {
		_, err := address.Parse(s.URL)
		return err
	},
	open: openPostgres,
	away: func(err error) bool {
		// Starting up, shutting down, no connection free; 08 is a pooler's way
		// to say that there is no server behind it.
		return hasCode(err, "57P0", "53300", "08") && !isRefused(err) || isOtherServer(err)
	},
	noTable:   func(err error) bool { return hasCode(err, "42P01", "3F000") },
	noColumn:  func(err error) bool { return hasCode(err, "42703") },
	badValue:  func(err error) bool { return hasCode(err, "22") },
	readOnly:  func(err error) bool { return hasCode(err, "25006") },
	locked:    isNever,
	refused:   refusedParam,
	collided:  pgCollided,
	exists:    pgExists,
	raced:     pgRaced,
	duplicate: pgDuplicate,
	full:      func(err error) bool { return hasCode(err, "53300") },
}

func openPostgres(ctx context.Context, s Settings) (pool, error) {
	a, err := address.Parse(s.URL)
	if err != nil {
		return nil, err
	}
	cfg, err := pgxpool.ParseConfig(postgresURL(a))
	if err != nil {
		return nil, hidden(err)
	}
	if s.MaxConns > 0 || a.Params["pool_max_conns"] == "" {
		cfg.MaxConns = int32(min(s.serverConns(), 1<<16))
	}
	keepFor(cfg, a.Params)
	p := &pgPool{
		fixedMode: a.Params["default_query_exec_mode"] != "", session: sessionFor(s, a), writes: s.Access != ForeignRead,
		hosts: hostsOf(&cfg.ConnConfig.Config), turns: newTurns(int(cfg.MaxConns)),
	}
	if p.session != nil {
		p.session.configure(cfg, p.fixedMode)
	}
	p.connect(cfg)
	// A broken connection shows itself when it is used, and is replaced then;
	// asking before each use would be a second round trip.
	cfg.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false }
	if p.conns, err = pgxpool.NewWithConfig(ctx, cfg); err != nil {
		return nil, err
	}
	p.hints = newHints(p, int(cfg.MaxConns))
	return p, nil
}

// connect says how long an attempt to connect may take, unless the URL does, and
// which of several hosts comes first.
func (p *pgPool) connect(cfg *pgxpool.Config) {
	patience := connectPatience
	if p.hosts != nil {
		patience = hostPatience
		cfg.BeforeConnect = p.hosts.before(cfg.BeforeConnect)
	}
	if cfg.ConnConfig.ConnectTimeout == 0 {
		cfg.ConnConfig.ConnectTimeout = patience
	}
}

// keepFor says how long connections are kept, unless the URL does.
func keepFor(cfg *pgxpool.Config, params map[string]string) {
	if params["pool_max_conn_idle_time"] == "" {
		cfg.MaxConnIdleTime = connAges.idle
	}
	if params["pool_health_check_period"] == "" {
		cfg.HealthCheckPeriod = connAges.idle / 2
	}
	if params["pool_max_conn_lifetime"] == "" {
		cfg.MaxConnLifetime = connAges.most
	}
	if params["pool_max_conn_lifetime_jitter"] == "" {
		cfg.MaxConnLifetimeJitter = cfg.MaxConnLifetime / 2
	}
}

// isOtherServer reports that none of the servers is what target_session_attrs asks
// for: one of them will be.
func isOtherServer(err error) bool {
	return errors.Is(err, pgconn.ErrReadOnlyConnection) || errors.Is(err, pgconn.ErrReadWriteConnection) ||
		errors.Is(err, pgconn.ErrPrimaryConnection) || errors.Is(err, pgconn.ErrStandbyConnection)
}

// hidden keeps back an error of the driver's parser, which would show the URL.
func hidden(err error) error {
	var file *os.PathError
	if errors.As(err, &file) {
		return file
	}
	return errors.New("the database's URL has a part that the PostgreSQL driver does not understand; check its host, port and parameters, and that the files of certificates are in PEM form")
}

// hasCode reports an error from the server whose code begins so.
func hasCode(err error, codes ...string) bool {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return false
	}
	for _, code := range codes {
		if strings.HasPrefix(e.Code, code) {
			return true
		}
	}
	return false
}

// isBroken reports that a connection failed that had worked before. A new one
// that cannot be made is another thing: trying again would not help.
func isBroken(err error) bool {
	var refused *pgconn.ConnectError
	var answer *pgconn.PgError
	switch {
	case err == nil || errors.As(err, &refused):
		return false
	case errors.As(err, &answer):
		return hasCode(err, "57P0", "08") && !isRefused(err)
	}
	return postgres.isAway(err)
}
