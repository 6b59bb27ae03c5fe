package store

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// pgConn is a pool or a transaction.
type pgConn interface {
	Exec(ctx context.Context, text string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, text string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, text string, args ...any) pgx.Row
}

type pgRunner struct {
	pgConn
	plain bool
}

func (r *pgRunner) row(ctx context.Context, text string, arg any, dest []any) error {
	if r.plain {
		return r.QueryRow(ctx, text, pgx.QueryExecModeExec, arg).Scan(dest...)
	}
	return r.QueryRow(ctx, text, arg).Scan(dest...)
}

func (r *pgRunner) exec(ctx context.Context, text string, args ...any) (int64, error) {
	tag, err := r.Exec(ctx, text, r.args(args)...)
	return tag.RowsAffected(), err
}

func (r *pgRunner) query(ctx context.Context, text string, args []any, each func(scan) error) error {
	rows, err := r.Query(ctx, text, r.args(args)...)
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

// args puts before the arguments, where pgx looks for it, how to run the statement.
func (r *pgRunner) args(args []any) []any {
	if !r.plain {
		return args
	}
	return append([]any{pgx.QueryExecModeExec}, args...)
}
