package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// version returns the version of the tables, and fails if it is newer than what is
// known here and does not say that a program like this one may use it.
func (s *Store) version(ctx context.Context, r runner) (int, error) {
	var have int64
	if _, err := one(ctx, r, s.own(selectVersion), nil, &have); err != nil {
		return 0, err
	}
	steps, err := migrationsOf(s.dialect.name)
	if err == nil && int(have) > latest(steps) && !s.compatible(ctx, r, have, latest(steps)) {
		err = fmt.Errorf("the tables have version %d, this program knows %d: %w", have, latest(steps), errNewerSchema)
	}
	return int(have), err
}

// compatible reports that a newer version says that programs which know an older one
// may use its tables. One that does not say so may not be used.
func (s *Store) compatible(ctx context.Context, r runner, have int64, known int) bool {
	var from int64
	found, err := one(ctx, r, s.own(selectCompatible), []any{have}, &from)
	return err == nil && found && from > 0 && from <= int64(known)
}

func latest(steps []migration) int { return steps[len(steps)-1].version }

// verified reads every column of every table, and the keys.
func (s *Store) verified(ctx context.Context, r runner) (*Keyring, error) {
	for _, check := range checks {
		err := r.query(ctx, s.own(check), nil, func(scan) error { return nil })
		if err != nil {
			return nil, err
		}
	}
	return s.loadKeys(ctx, r)
}

// explain adds what a person can do about a failure.
func (s *Store) explain(ctx context.Context, p pool, err error) error {
	d := s.dialect
	switch {
	case s.awaitsPrimary(err):
		return s.explained(err)
	case d.isAway(err) || errors.Is(err, errNewerSchema) || errors.Is(err, ErrUnusable):
		return s.locks.explained(err, d.locked(err))
	case d.refuses(err):
		return s.explained(err)
	case d.noColumn(err):
		return s.foreign(ctx, p, err)
	case s.gone.Load() != nil && (errors.Is(err, errOutdated) || d.noTable(err)):
		return fmt.Errorf("%w in the file that came back; put the right one there, or restart Caddy to begin anew", errOutdated)
	case s.settings.Migrate == "off" && (errors.Is(err, errOutdated) || d.noTable(err)):
		return fmt.Errorf("%w, and are not made here; run `caddy session migrate` with a database user who may create tables", errOutdated)
	case d.noTable(err) && s.settings.Schema != "":
		return fmt.Errorf("%w; if the schema is missing, run CREATE SCHEMA %s", err, s.settings.Schema)
	}
	return fmt.Errorf("opening the session database: %w", err)
}

// foreign names the table that lacks a column: some other program's.
func (s *Store) foreign(ctx context.Context, p pool, err error) error {
	for _, check := range checks {
		flaw := p.query(ctx, s.own(check), nil, func(scan) error { return nil })
		if s.dialect.noColumn(flaw) {
			_, table, _ := strings.Cut(strings.TrimSuffix(check, "} LIMIT 0"), "{")
			return fmt.Errorf("the table %s_%s is not caddy-session's: %w; choose another table_prefix", s.settings.TablePrefix, table, flaw)
		}
	}
	return err
}

// SchemaVersion returns the version of the tables and the latest that this
// program knows. Where there are no tables yet the version is 0.
func (s *Store) SchemaVersion(ctx context.Context) (have, known int, err error) {
	steps, err := migrationsOf(s.dialect.name)
	if err != nil {
		return 0, 0, err
	}
	known = latest(steps)
	err = s.peek(ctx, func(p pool) error {
		have, err = s.version(ctx, p)
		return err
	})
	if errors.Is(err, errNewerSchema) || s.dialect.noTable(err) {
		return have, known, nil
	}
	return have, known, err
}

// peek asks the database although the store may not have been started, or
// could not be.
func (s *Store) peek(ctx context.Context, ask func(pool) error) error {
	if l := s.live.Load(); l != nil {
		return ask(l.pool)
	}
	p, err := s.dialect.open(ctx, s.settings)
	if err != nil {
		return err
	}
	return errors.Join(ask(p), p.close())
}
