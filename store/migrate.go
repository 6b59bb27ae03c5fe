package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// errNewerSchema means that the tables were made by a newer version of this
// program, whose rules this one does not know.
var errNewerSchema = errors.New("the tables were made by a newer version; upgrade this one, or choose another table_prefix")

// errOutdated means that there are migrations to be done.
var errOutdated = errors.New("tables are missing or outdated")

// prepare brings the tables to the known version, or verifies that they have
// it, and returns the keys.
func (s *Store) prepare(ctx context.Context, p pool) (*Keyring, error) {
	steps, err := migrationsOf(s.dialect.name)
	if err != nil {
		return nil, err
	}
	racing, cancel := context.WithTimeout(ctx, migratePatience)
	defer cancel()
	// Mostly there is nothing to do. Finding that out needs no lock, and no
	// right to create tables.
	var keys *Keyring
	err = persist(racing, s.dialect.collided, func() (err error) {
		keys, err = s.inspect(ctx, p, steps)
		return err
	})
	switch {
	case err == nil && keys != nil, s.IsAway(err), errors.Is(err, errNewerSchema):
		return keys, err
	case err != nil && !s.migrates():
		return nil, s.explain(ctx, p, err)
	}
	err = persist(racing, s.isRace, func() error {
		return s.apart(ctx, p, func(r runner) (err error) {
			keys, err = s.migrate(ctx, r, steps)
			return err
		})
	})
	if err != nil {
		return nil, s.explain(ctx, p, err)
	}
	return keys, nil
}

// inspect reads the version, the tables and the keys, and changes nothing.
func (s *Store) inspect(ctx context.Context, r runner, steps []migration) (*Keyring, error) {
	have, err := s.version(ctx, r)
	if err != nil {
		return nil, err
	}
	if have < latest(steps) {
		return nil, errOutdated
	}
	return s.verified(ctx, r)
}

// migrate reads the version anew each time: another node may have done all the
// work while this one tried.
func (s *Store) migrate(ctx context.Context, r runner, steps []migration) (*Keyring, error) {
	if s.migrates() {
		if err := s.apply(ctx, r, steps); err != nil {
			return nil, err
		}
	}
	if _, err := s.verified(ctx, r); err != nil {
		return nil, err
	}
	return s.ensureKey(ctx, r)
}

func (s *Store) apply(ctx context.Context, r runner, steps []migration) error {
	if _, err := r.exec(ctx, s.own(createMigrations)); err != nil {
		switch {
		case s.dialect.readOnly(err):
			return s.fault(err, readOnlyRemedy)
		case s.IsAway(err):
			return err // rights are not what is missing
		}
		return fmt.Errorf("creating the tables: %w; let the database user create tables, or set migrate to off and run `caddy session migrate` as one who may", err)
	}
	have, err := s.recorded(ctx, r)
	if err != nil {
		return err
	}
	if steps, err = s.missing(steps, have); err != nil {
		return err
	}
	for _, step := range steps {
		if err := s.step(ctx, r, step); err != nil {
			return fmt.Errorf("migration %s: %w", step.name, err)
		}
		s.log.Info("migrated the session database", "migration", step.name)
	}
	return nil
}

// missing are the steps from a version to the latest; from none it is one.
func (s *Store) missing(steps []migration, have int) ([]migration, error) {
	if have == 0 {
		whole, err := wholeSchema(s.dialect.name, steps)
		return []migration{whole}, err
	}
	return slices.DeleteFunc(steps, func(step migration) bool { return step.version <= have }), nil
}

// recorded returns the version of the tables, also where that of the first one was
// not written since its making was interrupted.
func (s *Store) recorded(ctx context.Context, r runner) (int, error) {
	have, err := s.version(ctx, r)
	if err != nil || have > 0 {
		return have, err
	}
	nothing := func(scan) error { return nil }
	if s.dialect.noColumn(r.query(ctx, s.own(checkNumber), nil, nothing)) && r.query(ctx, s.own(checkFirst), nil, nothing) == nil {
		return 1, nil
	}
	return 0, nil
}

// step does one migration. The version is written last: what was interrupted is
// done again, where that has not been done yet.
func (s *Store) step(ctx context.Context, r runner, step migration) error {
	for _, statement := range step.statements {
		if err := s.statement(ctx, r, statement); err != nil {
			return err
		}
	}
	_, err := r.exec(ctx, s.own(insertVersion), int64(step.version), step.name, s.now().UnixMilli(), int64(step.compatible))
	return err
}

func (s *Store) statement(ctx context.Context, r runner, statement string) error {
	optional := strings.HasPrefix(statement, "-- optional")
	if optional && !isPostgreSQL(ctx, r) {
		return nil
	}
	_, err := r.exec(ctx, s.names.Replace(statement))
	if optional && !s.passes(err) || s.dialect.exists(err) {
		return nil
	}
	return err
}

// isPostgreSQL tells it from databases that speak its language, and have no use for
// its collations and storage parameters or take offence at them later.
func isPostgreSQL(ctx context.Context, r runner) bool {
	var product string
	_, err := one(ctx, r, `SELECT version()`, nil, &product)
	return err == nil && strings.HasPrefix(product, "PostgreSQL ")
}
