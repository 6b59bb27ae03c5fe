package store

import (
	"context"
	"errors"
)

// Twelve nodes may meet an empty database at the same moment. No lock keeps them
// apart: that of a cluster's node is unknown to the others, some databases have
// none, and poolers lose them. Instead each statement may be run by several, in any
// order, and who is in the way of somebody else reads again what is there by then.

// isRace reports an error that comes of others who make the same tables.
func (s *Store) isRace(err error) bool {
	return err != nil && (s.dialect.collided(err) || s.dialect.raced(err))
}

// apart runs what makes tables. A database in this process has transactions that
// hold the whole of it, and one writer; a server gets statement by statement, as
// not every one can make tables in a transaction, on connections of their own: to
// change a large table takes longer than anything else may.
func (s *Store) apart(ctx context.Context, p pool, do func(runner) error) error {
	if s.dialect.embedded {
		return p.inTx(ctx, do)
	}
	patient := s.settings
	patient.longest, patient.MaxConns = migratePatience, 1
	own, err := s.dialect.open(ctx, patient)
	if err != nil {
		return err
	}
	return errors.Join(do(insistent{own, s.dialect.collided}), own.close())
}

// insistent runs each statement outside of a transaction until it does not collide
// with what others do: nothing of it has happened. To begin with the first statement
// again each time would not end where many make the same tables.
type insistent struct {
	runner
	collided func(error) bool
}

func (r insistent) exec(ctx context.Context, text string, args ...any) (n int64, err error) {
	err = persist(ctx, r.collided, func() error {
		n, err = r.runner.exec(ctx, text, args...)
		return err
	})
	return n, err
}

// query runs again only what has given no row yet.
func (r insistent) query(ctx context.Context, text string, args []any, each func(scan) error) error {
	begun := false
	once := func(scan scan) error {
		begun = true
		return each(scan)
	}
	return persist(ctx, func(err error) bool { return !begun && r.collided(err) }, func() error {
		return r.runner.query(ctx, text, args, once)
	})
}
