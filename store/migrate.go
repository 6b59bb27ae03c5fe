package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// ErrNewerSchema means that the tables were made by a newer version of this
// program, whose rules this one does not know.
var ErrNewerSchema = errors.New("the tables were made by a newer version; upgrade this one, or choose another table_prefix")

//go:embed migrations
var migrationFiles embed.FS

// migration is one step from a version of the tables to the next.
type migration struct {
	version    int
	name       string
	statements []string
}

// migrationsOf reads the files of a dialect. They are named NNNN_what.sql.
func migrationsOf(dialect string) ([]migration, error) {
	dir := "migrations/" + dialect
	files, err := fs.ReadDir(migrationFiles, dir) // in the order of their names
	if err != nil {
		return nil, err
	}
	var all []migration
	for _, file := range files {
		text, err := fs.ReadFile(migrationFiles, dir+"/"+file.Name())
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(file.Name(), ".sql")
		number, _, _ := strings.Cut(name, "_")
		version, err := strconv.Atoi(number)
		if err != nil {
			return nil, err
		}
		all = append(all, migration{version, name, split(string(text))})
	}
	return all, nil
}

// split cuts a file into statements, for not every driver takes several at once.
func split(text string) []string {
	var statements []string
	for statement := range strings.SplitSeq(text, ";\n") {
		if statement = strings.TrimSpace(statement); statement != "" {
			statements = append(statements, statement)
		}
	}
	return statements
}

// errOutdated means that there are migrations to be done.
var errOutdated = errors.New("tables are missing or outdated")

// prepare brings the tables to the known version, or verifies that they have
// it, and returns the keys.
func (s *Store) prepare(ctx context.Context, p pool) (*Keyring, error) {
	steps, err := migrationsOf(s.dialect.name)
	if err != nil {
		return nil, err
	}
	// Mostly there is nothing to do. Finding that out needs no lock, and no
	// right to create tables.
	keys, err := s.inspect(ctx, p, steps)
	switch {
	case err == nil && keys != nil, s.dialect.isAway(err), errors.Is(err, ErrNewerSchema):
		return keys, err
	case err != nil && s.settings.Migrate == "off":
		return nil, s.explain(ctx, p, err)
	}
	_, err = p.locked(ctx, s.lockName("migrate"), true, func(r runner) error {
		keys, err = s.migrate(ctx, r, steps)
		return err
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

// migrate runs under the lock, so the version is read anew: another node may
// have done all the work while this one waited.
func (s *Store) migrate(ctx context.Context, r runner, steps []migration) (*Keyring, error) {
	if s.settings.Migrate != "off" {
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
		return fmt.Errorf("creating the tables: %w; let the database user create tables, or set migrate to off and run `caddy session migrate` as one who may", err)
	}
	have, err := s.version(ctx, r)
	if err != nil {
		return err
	}
	for _, step := range steps {
		if step.version <= have {
			continue
		}
		if err := s.step(ctx, r, step); err != nil {
			return fmt.Errorf("migration %s: %w", step.name, err)
		}
		s.log.Info("migrated the session database", "migration", step.name)
	}
	return nil
}

// step does one migration. The version is written last: where tables cannot be
// made in a transaction, what was interrupted is done again.
func (s *Store) step(ctx context.Context, r runner, step migration) error {
	for _, statement := range step.statements {
		if _, err := r.exec(ctx, s.names.Replace(statement)); err != nil {
			return err
		}
	}
	_, err := r.exec(ctx, s.own(insertVersion), int64(step.version), step.name, s.now().UnixMilli())
	return err
}

// version returns the version of the tables, and fails if it is not known here.
func (s *Store) version(ctx context.Context, r runner) (int, error) {
	var have int64
	if _, err := one(ctx, r, s.own(selectVersion), nil, &have); err != nil {
		return 0, err
	}
	steps, err := migrationsOf(s.dialect.name)
	if err == nil && int(have) > latest(steps) {
		err = fmt.Errorf("the tables have version %d, this program knows %d: %w", have, latest(steps), ErrNewerSchema)
	}
	return int(have), err
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
	case d.isAway(err) || errors.Is(err, ErrNewerSchema):
		return err
	case d.noColumn(err):
		return s.foreign(ctx, p, err)
	case s.settings.Migrate == "off" && (errors.Is(err, errOutdated) || d.noTable(err)):
		return fmt.Errorf("%w and migrate is off; run `caddy session migrate` with a database user who may create tables", errOutdated)
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
	if errors.Is(err, ErrNewerSchema) || s.dialect.noTable(err) {
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
