//go:build !nosqlite || (!nomariadb && (!nomysql || (nobadger && nopgx)))

package store

import (
	"context"
	"database/sql"
)

// sqlRunner runs statements on one connection, in a transaction or not.
type sqlRunner struct {
	on interface {
		PrepareContext(context.Context, string) (*sql.Stmt, error)
		ExecContext(context.Context, string, ...any) (sql.Result, error)
		QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	}
	stmts map[string]*sql.Stmt // closed with the transaction
}

func (r *sqlRunner) exec(ctx context.Context, text string, args ...any) (int64, error) {
	if len(args) == 0 {
		return affected(r.on.ExecContext(ctx, text)) // what makes tables cannot be prepared everywhere
	}
	stmt, err := r.prepare(ctx, text)
	if err != nil {
		return 0, err
	}
	return affected(stmt.ExecContext(ctx, args...))
}

// prepare does not use the pool's statements: making one takes a connection,
// and SQLite's only one for writing is this transaction's.
func (r *sqlRunner) prepare(ctx context.Context, text string) (*sql.Stmt, error) {
	if stmt, ok := r.stmts[text]; ok {
		return stmt, nil
	}
	stmt, err := r.on.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	if r.stmts == nil {
		r.stmts = make(map[string]*sql.Stmt)
	}
	r.stmts[text] = stmt
	return stmt, nil
}

func (r *sqlRunner) query(ctx context.Context, text string, args []any, each func(scan) error) error {
	rows, err := r.on.QueryContext(ctx, text, args...)
	return forEach(rows, err, each)
}

func (r *sqlRunner) close() {
	for _, stmt := range r.stmts {
		_ = stmt.Close()
	}
}
