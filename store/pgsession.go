//go:build !nopostgres

package store

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/seed-11312c3d/caddy-session/store/address"
)

// pgSession is what each connection to another program's tables has to be: read
// only, and in a schema. The fast way is to ask for it once, when a connection
// is made. A pooler like PgBouncer refuses that, or ignores it: then each
// statement gets a transaction of its own that is so. It still takes one round
// trip.
type pgSession struct {
	readOnly bool
	schema   string // search_path; empty: the connection's own
	// each means that a transaction around each statement says it.
	each atomic.Bool
}

const (
	readOnlyParam = "default_transaction_read_only"
	schemaParam   = "search_path"
)

// errNotSet is the error of a connection that was asked for something at its
// start and does not have it.
var errNotSet = errors.New("a connection does not have what it was asked for at its start")

// sessionFor returns what connections have to be, or nil for the module's own
// tables, whose names say their schema.
func sessionFor(s Settings, a address.Address) *pgSession {
	session := &pgSession{readOnly: s.Access == ForeignRead, schema: a.Params[schemaParam]}
	if name := s.schema(a); name != "" {
		session.schema = pgx.Identifier{name}.Sanitize()
	}
	if s.Access == Own || !session.readOnly && session.schema == "" {
		return nil
	}
	// The driver chooses among servers by whether they take changes. A
	// connection that we made read only would be none of those.
	target := a.Params["target_session_attrs"]
	if target == "" {
		target = os.Getenv("PGTARGETSESSIONATTRS")
	}
	if session.readOnly && (target == "read-write" || target == "read-only") {
		session.each.Store(true)
	}
	return session
}

// params are the parameters of a connection's start.
func (p *pgSession) params() map[string]string {
	params := make(map[string]string)
	if p.readOnly {
		params[readOnlyParam] = "on"
	}
	if p.schema != "" {
		params[schemaParam] = p.schema
	}
	return params
}

// configure has new connections be what they have to.
func (p *pgSession) configure(cfg *pgxpool.Config, fixedMode bool) {
	delete(cfg.ConnConfig.RuntimeParams, schemaParam)
	delete(cfg.ConnConfig.RuntimeParams, readOnlyParam)
	cfg.BeforeConnect = func(_ context.Context, c *pgx.ConnConfig) error {
		if !p.each.Load() {
			maps.Copy(c.RuntimeParams, p.params())
		} else if !fixedMode {
			c.DefaultQueryExecMode = pgx.QueryExecModeExec // whoever refuses parameters may not keep statements
		}
		return nil
	}
	cfg.AfterConnect = p.verify
}

// verify makes sure that a connection is what it was asked to be: nobody may
// have left that out in silence. What another client of a pooler has set there
// does not count.
func (p *pgSession) verify(ctx context.Context, c *pgx.Conn) error {
	if p.each.Load() {
		return nil
	}
	const count = `SELECT count(*) FROM pg_catalog.pg_settings WHERE source = 'client'` +
		` AND (name = '` + schemaParam + `' OR name = '` + readOnlyParam + `' AND setting = 'on')`
	var n int
	if err := c.QueryRow(ctx, count, pgx.QueryExecModeSimpleProtocol).Scan(&n); err != nil && !isAnswer(err) {
		return err
	}
	if n < len(p.params()) {
		return errNotSet
	}
	return nil
}

func isAnswer(err error) bool {
	_, ok := errors.AsType[*pgconn.PgError](err)
	return ok
}

// gaveUp reports that connections cannot be made as they have to be. From then
// on each statement says it, also those of others that failed at the same time.
func (p *pgSession) gaveUp(err error) bool {
	if p == nil || err == nil {
		return false
	}
	refused, ok := refusedParam(err)
	if _, ours := p.params()[refused]; ok && ours || errors.Is(err, errNotSet) || errors.Is(err, pgconn.ErrReadOnlyConnection) {
		p.each.Store(true)
		return true
	}
	return false
}

// refusedParam returns the parameter of a connection's start that PgBouncer does
// not take.
func refusedParam(err error) (name string, ok bool) {
	e, isAnswer := errors.AsType[*pgconn.PgError](err)
	if !isAnswer || e.Code != "08P01" || !strings.Contains(strings.ToLower(e.Message), "unsupported startup parameter") {
		return "", false
	}
	_, name, ok = strings.Cut(e.Message, ": ")
	return name, ok
}

// around runs a statement in a transaction that is as connections have to be,
// all in one round trip. A transaction that fails ends with its connection.
func (p *pgSession) around(ctx context.Context, on pgConn, text string, args []any, read func(pgx.BatchResults) error) error {
	var batch pgx.Batch
	before := p.before()
	for _, statement := range before {
		batch.Queue(statement.text, statement.args...)
	}
	batch.Queue(text, args...)
	batch.Queue("COMMIT")
	results := on.SendBatch(ctx, &batch)
	err := p.run(results, len(before), read)
	if closed := results.Close(); err == nil {
		err = closed
	}
	return err
}

func (p *pgSession) run(results pgx.BatchResults, before int, read func(pgx.BatchResults) error) error {
	for range before {
		if _, err := results.Exec(); err != nil {
			return err
		}
	}
	err := read(results)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	if _, committed := results.Exec(); committed != nil {
		return committed
	}
	return err
}

type pgStatement struct {
	text string
	args []any
}

// before begins the transaction.
func (p *pgSession) before() []pgStatement {
	statements := []pgStatement{{text: "BEGIN"}}
	if p.readOnly {
		statements[0].text = "BEGIN READ ONLY"
	}
	if p.schema != "" {
		statements = append(statements, pgStatement{`SELECT pg_catalog.set_config('` + schemaParam + `', $1, true)`, []any{p.schema}})
	}
	return slices.Clip(statements)
}

// isRefused reports that a pooler takes no connection with a parameter.
func isRefused(err error) bool {
	_, ok := refusedParam(err)
	return ok
}
