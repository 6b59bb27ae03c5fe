//go:build !nosqlite || (!nomariadb && (!nomysql || (nobadger && nopgx)))

package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// sqlPool is a pool over Go's database/sql. SQLite reads and writes on
// different connections; elsewhere the two are the same.
type sqlPool struct {
	read, write *preparing
	// transact runs a transaction in this database's own way. Nil: in Go's.
	transact func(ctx context.Context, p *sqlPool, do func(runner) error) error
	// writes are those that may write now, or nil.
	writes turns
	// broken reports that a connection failed, rather than the statement.
	broken func(error) bool
	// renew has connections made anew, and reports that, after an error that says
	// that another server may do what this one does not. Nil: there is no server.
	renew func(error) bool
	// heard takes note of each outcome, for a server may have fallen silent. Nil:
	// there is no server.
	heard func(error)
	// file is the SQLite file, or nil.
	file *openFile
	// stale reports that a prepared statement failed where a fresh one does not.
	// Nil: that never happens.
	stale func(error) bool
}

func (p *sqlPool) find(ctx context.Context, text string, arg any, dest []any) (bool, error) {
	stmt, err := p.read.prepare(ctx, text)
	if err == nil {
		err = stmt.QueryRowContext(ctx, arg).Scan(dest...)
	}
	if p.again(ctx, err) {
		if stmt, err = p.read.prepare(ctx, text); err == nil {
			err = stmt.QueryRowContext(ctx, arg).Scan(dest...)
		}
	}
	if p.isStale(err) {
		err = p.read.db.QueryRowContext(ctx, text, arg).Scan(dest...)
	}
	p.note(err)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// exec runs again when the connection was broken: every statement that is run
// outside a transaction may happen twice without harm.
func (p *sqlPool) exec(ctx context.Context, text string, args ...any) (int64, error) {
	done, err := p.writes.take(ctx)
	if err != nil {
		return 0, err
	}
	defer done()
	n, err := p.write.exec(ctx, text, args...)
	if p.again(ctx, err) {
		n, err = p.write.exec(ctx, text, args...)
	}
	if p.isStale(err) {
		n, err = affected(p.write.db.ExecContext(ctx, text, args...))
	}
	p.note(err)
	return n, err
}

// query runs again when the connection was broken before the first row.
func (p *sqlPool) query(ctx context.Context, text string, args []any, each func(scan) error) error {
	begun := false
	once := func(scan scan) error {
		begun = true
		return each(scan)
	}
	err := p.read.query(ctx, text, args, once)
	if !begun && p.again(ctx, err) {
		err = p.read.query(ctx, text, args, once)
	}
	if p.isStale(err) && !begun {
		rows, fresh := p.read.db.QueryContext(ctx, text, args...)
		err = forEach(rows, fresh, once)
	}
	p.note(err)
	return err
}

// again reports that what failed is worth another try: the connection was broken,
// or leads to a server that cannot do it.
func (p *sqlPool) again(ctx context.Context, err error) bool {
	return err != nil && ctx.Err() == nil && (p.broken(err) || p.renewed(err))
}

func (p *sqlPool) renewed(err error) bool { return p.renew != nil && err != nil && p.renew(err) }

func (p *sqlPool) note(err error) {
	if p.heard != nil {
		p.heard(err)
	}
}

func (p *sqlPool) isStale(err error) bool { return p.stale != nil && err != nil && p.stale(err) }

func (p *sqlPool) check(ctx context.Context, text string) error {
	stmt, err := p.read.db.PrepareContext(ctx, text)
	if err != nil {
		return err
	}
	return stmt.Close()
}

func (p *sqlPool) inTx(ctx context.Context, do func(runner) error) error {
	done, err := p.writes.take(ctx)
	if err != nil {
		return err
	}
	defer done()
	err = p.tx(ctx, do)
	if p.isStale(err) || p.renewed(err) && ctx.Err() == nil {
		err = p.tx(ctx, do) // nothing of the first one has happened
	}
	p.note(err)
	return err
}

func (p *sqlPool) tx(ctx context.Context, do func(runner) error) error {
	if p.transact != nil {
		return p.transact(ctx, p, do)
	}
	tx, err := p.write.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after a commit
	if err := do(&sqlRunner{on: tx}); err != nil {
		return err
	}
	return tx.Commit()
}

func (p *sqlPool) close() error {
	if p.read == p.write {
		_ = p.write.close() // a connection that cannot say goodbye is closed all the same
		return nil
	}
	// The last connection to a SQLite file tidies up, which only the writer may.
	return errors.Join(p.read.close(), p.write.close())
}

// preparing runs statements that were prepared once. Go's own *sql.Stmt
// prepares them again on each connection.
type preparing struct {
	db    *sql.DB
	stmts sync.Map // text to *sql.Stmt
}

func (p *preparing) prepare(ctx context.Context, text string) (*sql.Stmt, error) {
	if known, ok := p.stmts.Load(text); ok {
		return known.(*sql.Stmt), nil
	}
	stmt, err := p.db.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	if known, raced := p.stmts.LoadOrStore(text, stmt); raced {
		_ = stmt.Close() // somebody was faster
		return known.(*sql.Stmt), nil
	}
	return stmt, nil
}

func (p *preparing) exec(ctx context.Context, text string, args ...any) (int64, error) {
	if len(args) == 0 {
		return affected(p.db.ExecContext(ctx, text)) // what makes tables cannot be prepared everywhere
	}
	stmt, err := p.prepare(ctx, text)
	if err != nil {
		return 0, err
	}
	return affected(stmt.ExecContext(ctx, args...))
}

func (p *preparing) query(ctx context.Context, text string, args []any, each func(scan) error) error {
	stmt, err := p.prepare(ctx, text)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(ctx, args...)
	return forEach(rows, err, each)
}

func (p *preparing) close() error {
	p.stmts.Range(func(_, stmt any) bool {
		_ = stmt.(*sql.Stmt).Close()
		return true
	})
	return p.db.Close()
}

func affected(res sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func forEach(rows *sql.Rows, err error, each func(scan) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// openedFile is the SQLite file that the pool is of, or nil.
func (p *sqlPool) openedFile() *openFile { return p.file }
