package store

import (
	"context"
	"errors"
)

// Access says whose the tables of a store are, and what may be done to them.
type Access string

const (
	// Own are the module's own tables, which it makes, migrates and purges.
	Own Access = ""
	// ForeignRead are another program's tables. Nothing is made, and the
	// connections themselves refuse to write.
	ForeignRead Access = "read"
	// ForeignWrite are another program's tables that rows may be deleted from,
	// where an operator says that sessions can be ended.
	ForeignWrite Access = "write"
)

// adopt makes the store ready without tables of its own.
func (s *Store) adopt(ctx context.Context, p pool) error {
	if err := p.query(ctx, "SELECT 1", nil, func(scan) error { return nil }); err != nil {
		return errors.Join(s.at(s.explained(oneLine(err))), p.close())
	}
	s.serve(&live{pool: p})
	return nil
}

// Check asks the database whether it understands a statement: whether its
// tables and columns are there. It does not run it.
func (s *Store) Check(ctx context.Context, q Query) error {
	return s.ask(ctx, "checking a query", func(ctx context.Context, p pool) error {
		return p.check(ctx, q.text)
	})
}

// Each runs a query and calls each for every row, with what reads its columns.
func (s *Store) Each(ctx context.Context, q Query, args []any, each func(scan func(dest ...any) error) error) error {
	return s.ask(ctx, "reading sessions", func(ctx context.Context, p pool) error {
		return p.query(ctx, q.text, args, func(scan scan) error { return each(scan) })
	})
}

// Exec runs a statement and returns how many rows it changed.
func (s *Store) Exec(ctx context.Context, q Query, args ...any) (n int64, err error) {
	err = s.ask(ctx, "ending sessions", func(ctx context.Context, p pool) error {
		n, err = p.exec(ctx, q.text, args...)
		return err
	})
	return n, err
}

// IsMissing reports that a table or column of a query is not there.
func (s *Store) IsMissing(err error) bool {
	return s.dialect.noTable(err) || s.dialect.noColumn(err)
}

// IsMissingTable reports that a whole table of a query is not there.
func (s *Store) IsMissingTable(err error) bool { return s.dialect.noTable(err) }
