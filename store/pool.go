package store

import "context"

// runner runs statements: each on any connection of a pool, or all within one
// transaction.
type runner interface {
	// exec runs a statement and returns how many rows it changed.
	exec(ctx context.Context, text string, args ...any) (int64, error)
	// query runs a statement and calls each for every row of its result.
	query(ctx context.Context, text string, args []any, each func(scan) error) error
}

// scan reads the columns of a row into variables.
type scan func(dest ...any) error

// pool is a database's connections.
type pool interface {
	runner
	// find reads at most one row, in one round trip. A connection that turns
	// out to be broken is replaced once, and nobody notices.
	find(ctx context.Context, text string, arg any, dest []any) (bool, error)
	// check prepares a statement and does not run it.
	check(ctx context.Context, text string) error
	// inTx runs statements that all happen or all do not. What do does besides
	// must bear to be done twice.
	inTx(ctx context.Context, do func(runner) error) error
	// close ends all connections. Nothing may be running.
	close() error
}

// one reads the only row of a result.
func one(ctx context.Context, r runner, text string, args []any, dest ...any) (found bool, err error) {
	err = r.query(ctx, text, args, func(scan scan) error {
		found = true
		return scan(dest...)
	})
	return found, err
}
