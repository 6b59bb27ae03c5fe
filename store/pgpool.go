package store

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
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
}

func (p *pgPool) find(ctx context.Context, text string, arg any, dest []any) (bool, error) {
	err := p.retry(ctx, func() error {
		return p.on(p.conns).row(ctx, text, arg, dest)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// exec runs again when the connection was broken: every statement that is run
// outside a transaction may happen twice without harm.
func (p *pgPool) exec(ctx context.Context, text string, args ...any) (n int64, err error) {
	err = p.retry(ctx, func() error {
		n, err = p.on(p.conns).exec(ctx, text, args...)
		return err
	})
	return n, err
}

func (p *pgPool) query(ctx context.Context, text string, args []any, each func(scan) error) error {
	return p.retry(ctx, func() error { return p.on(p.conns).query(ctx, text, args, each) })
}

// check prepares without a name: the next such statement takes its place.
func (p *pgPool) check(ctx context.Context, text string) error {
	return p.conns.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
		_, err := c.Conn().PgConn().Prepare(ctx, "", text, nil)
		return err
	})
}

func (p *pgPool) inTx(ctx context.Context, do func(runner) error) error {
	err := p.tx(ctx, do)
	if p.lostStatement(err) {
		err = p.tx(ctx, do) // nothing of the first one has happened
	}
	return err
}

func (p *pgPool) tx(ctx context.Context, do func(runner) error) error {
	var tx pgx.Tx
	// Only the beginning is tried twice: of a connection that breaks later
	// nobody knows whether the transaction has happened.
	err := p.retry(ctx, func() (err error) {
		tx, err = p.conns.Begin(ctx)
		return err
	})
	if err != nil {
		return err
	}
	defer rollback(ctx, tx)
	if err := do(p.on(tx)); err != nil {
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

// locked uses locks that end with a transaction. One of a connection could be
// left behind by a pooler.
func (p *pgPool) locked(ctx context.Context, name string, wait bool, do func(runner) error) (got bool, err error) {
	err = p.inTx(ctx, func(r runner) error {
		if got, err = advisoryLock(ctx, r, lockID(name), wait); err != nil || !got {
			return err
		}
		return do(r)
	})
	return got, err
}

func advisoryLock(ctx context.Context, r runner, id int64, wait bool) (got bool, err error) {
	if wait {
		_, err = r.exec(ctx, `SELECT pg_advisory_xact_lock($1)`, id)
		return err == nil, err
	}
	_, err = one(ctx, r, `SELECT pg_try_advisory_xact_lock($1)`, []any{id}, &got)
	return got, err
}

// close does not wait for a server that hangs to say goodbye; that goes on in
// the background.
func (p *pgPool) close() error {
	closed := make(chan struct{})
	go func() {
		p.conns.Close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(closePatience):
	}
	return nil
}

// retry runs f again where that helps and cannot harm: with statements that
// are not prepared, or on a fresh connection.
func (p *pgPool) retry(ctx context.Context, f func() error) error {
	err := f()
	if p.lostStatement(err) {
		err = f()
	}
	if isBroken(err) && ctx.Err() == nil {
		// The others are of the same age and most likely broken as well.
		p.conns.Reset()
		err = f()
	}
	return err
}

// lostStatement reports that a prepared statement was not there, or somebody
// else's. From then on none are prepared.
func (p *pgPool) lostStatement(err error) bool {
	if p.fixedMode || !hasCode(err, "26000", "42P05") {
		return false
	}
	p.plain.Store(true)
	return true
}

func (p *pgPool) on(conn pgConn) *pgRunner { return &pgRunner{conn, p.plain.Load()} }
