//go:build !nopostgres

package store

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// pgPool is pgx's own pool: database/sql would cost as much again as the
// lookup. Nothing here leaves anything behind in a connection, for a pooler
// like PgBouncer may give each transaction another one.
type pgPool struct {
	conns *pgxpool.Pool
	// plain means that statements are no longer prepared: there is a pooler in
	// between that does not keep them.
	plain atomic.Bool
	// fixedMode means that the URL says how statements are to be run.
	fixedMode bool
	// session is what connections to another program's tables have to be, or nil.
	session *pgSession
	// writes means that there are changes to be made, so that connections to a
	// server that takes none are not kept.
	writes  bool
	renewal renewal
	silence silence
	hosts   *pgHosts // nil: the URL names one
	turns   turns    // of those that write
	hints   *pgHints
}

func (p *pgPool) find(ctx context.Context, text string, arg any, dest []any) (bool, error) {
	err := p.retry(ctx, func(plain bool) error {
		return p.on(p.conns, plain).row(ctx, text, arg, dest)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// exec runs again when the connection was broken: every statement that is run
// outside a transaction may happen twice without harm.
func (p *pgPool) exec(ctx context.Context, text string, args ...any) (n int64, err error) {
	done, err := p.turns.take(ctx)
	if err != nil {
		return 0, err
	}
	defer done()
	err = p.retry(ctx, func(plain bool) error {
		n, err = p.on(p.conns, plain).exec(ctx, text, args...)
		return err
	})
	return n, err
}

func (p *pgPool) query(ctx context.Context, text string, args []any, each func(scan) error) error {
	return p.retry(ctx, func(plain bool) error { return p.on(p.conns, plain).query(ctx, text, args, each) })
}

// check prepares without a name: the next such statement takes its place.
func (p *pgPool) check(ctx context.Context, text string) error {
	return p.retry(ctx, func(bool) error {
		return p.conns.AcquireFunc(ctx, func(c *pgxpool.Conn) error { return p.prepare(ctx, c, text) })
	})
}

func (p *pgPool) prepare(ctx context.Context, c *pgxpool.Conn, text string) error {
	if p.session != nil && p.session.each.Load() {
		defer func() { _, _ = c.Exec(ctx, "ROLLBACK") }()
		for _, statement := range p.session.before() {
			if _, err := c.Exec(ctx, statement.text, append([]any{pgx.QueryExecModeExec}, statement.args...)...); err != nil {
				return err
			}
		}
	}
	_, err := c.Conn().PgConn().Prepare(ctx, "", text, nil)
	return err
}

func (p *pgPool) inTx(ctx context.Context, do func(runner) error) error {
	done, err := p.turns.take(ctx)
	if err != nil {
		return err
	}
	defer done()
	err = p.tx(ctx, p.plain.Load(), do)
	if p.isStale(err) {
		err = p.tx(ctx, true, do) // nothing of the first one has happened
	}
	if p.renewed(ctx, err) {
		err = p.tx(ctx, p.plain.Load(), do) // nor of this one
	}
	p.heard(err)
	return err
}

// tx is for the module's own tables, which need no session.
func (p *pgPool) tx(ctx context.Context, plain bool, do func(runner) error) error {
	var tx pgx.Tx
	// Only the beginning is tried twice: of a connection that breaks later
	// nobody knows whether the transaction has happened.
	err := p.retry(ctx, func(bool) (err error) {
		// Said, whatever the database's default is: nothing here needs more, and
		// under SERIALIZABLE logins of one user would collide.
		tx, err = p.conns.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted})
		return err
	})
	if err != nil {
		return err
	}
	defer rollback(ctx, tx)
	if err := do(p.on(tx, plain)); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// rollback does nothing after a commit. It must happen although ctx has ended,
// but not wait for ever for a server that hangs.
func rollback(ctx context.Context, tx pgx.Tx) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), connectPatience)
	defer cancel()
	_ = tx.Rollback(ctx)
}

// close does not wait for a server that hangs to say goodbye; that goes on in
// the background.
func (p *pgPool) close() error {
	closed := make(chan struct{})
	go func() {
		p.hints.close()
		p.conns.Close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(closePatience):
	}
	return nil
}

// retry runs f again where that helps and cannot harm: with a statement that is
// not prepared, or on a fresh connection.
func (p *pgPool) retry(ctx context.Context, f func(plain bool) error) error {
	plain := p.plain.Load()
	err := f(plain)
	if p.session.gaveUp(err) {
		p.conns.Reset()
		err = f(plain)
	}
	if p.isStale(err) {
		plain = true
		err = f(plain)
	}
	if p.renewed(ctx, err) {
		err = f(plain)
	}
	if isBroken(err) && ctx.Err() == nil {
		// The others are of the same age and most likely broken as well.
		p.conns.Reset()
		err = f(plain)
	}
	p.heard(err)
	return err
}

// heard has connections made anew that nobody answers on.
func (p *pgPool) heard(err error) {
	if p.silence.lasts(err) {
		p.hosts.suspect()
		p.conns.Reset()
	}
}

// renewed has connections made anew, and reports that, after an error that says
// that the server takes no changes: the address may lead to another one by now.
func (p *pgPool) renewed(ctx context.Context, err error) bool {
	if !p.writes || !postgres.readOnly(err) || ctx.Err() != nil {
		return false
	}
	if p.renewal.due() {
		p.hosts.forgive()
		p.conns.Reset()
	}
	return true
}

// isStale reports that a statement that had been prepared was not there, or
// somebody else's, or of another time: the table has been altered. A fresh one
// heals that. A pooler that does not keep statements will do so again, so none
// are prepared from then on, unless the URL says otherwise.
func (p *pgPool) isStale(err error) bool {
	if hasCode(err, "26000", "42P05") {
		if !p.fixedMode {
			p.plain.Store(true)
		}
		return true
	}
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == "0A000" && (e.Routine == "RevalidateCachedQuery" || strings.Contains(e.Message, "cached plan"))
}

func (p *pgPool) dataVersion() (int64, error) {
	if version, ok := p.hints.version(); ok {
		return version, nil
	}
	return 0, errNoHints
}

func (p *pgPool) tellEnding() { p.hints.tell() }

func (p *pgPool) on(conn pgConn, plain bool) *pgRunner {
	r := &pgRunner{pgConn: conn, plain: plain}
	if p.session != nil && p.session.each.Load() {
		r.around = p.session
	}
	return r
}
