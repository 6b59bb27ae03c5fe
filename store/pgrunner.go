//go:build !nopostgres

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
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

type pgRunner struct {
	pgConn
	plain  bool       // statements are not prepared
	around *pgSession // each statement has its own transaction; nil: it needs none
}

func (r *pgRunner) row(ctx context.Context, text string, arg any, dest []any) error {
	switch {
	case r.around != nil:
		return r.around.around(ctx, r.pgConn, text, []any{arg}, func(b pgx.BatchResults) error { return b.QueryRow().Scan(dest...) })
	case r.plain:
		return r.QueryRow(ctx, text, pgx.QueryExecModeExec, arg).Scan(dest...)
	}
	return r.QueryRow(ctx, text, arg).Scan(dest...)
}

func (r *pgRunner) exec(ctx context.Context, text string, args ...any) (n int64, err error) {
	if r.around != nil {
		err = r.around.around(ctx, r.pgConn, text, args, func(b pgx.BatchResults) error {
			tag, err := b.Exec()
			n = tag.RowsAffected()
			return err
		})
		return n, err
	}
	tag, err := r.Exec(ctx, text, r.args(args)...)
	return tag.RowsAffected(), err
}

func (r *pgRunner) query(ctx context.Context, text string, args []any, each func(scan) error) error {
	if r.around != nil {
		return r.around.around(ctx, r.pgConn, text, args, func(b pgx.BatchResults) error {
			rows, err := b.Query()
			return eachRow(rows, err, each)
		})
	}
	rows, err := r.Query(ctx, text, r.args(args)...)
	return eachRow(rows, err, each)
}

func eachRow(rows pgx.Rows, err error, each func(scan) error) error {
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
