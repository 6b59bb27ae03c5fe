package store

import (
	"context"
	"fmt"
	"strings"
)

// MigrationSQL returns the statements that bring the tables to the latest version,
// and say so in the database, for those who run them themselves. It asks the
// database which version there is, changes nothing, and needs no started store. The
// first key is not among them: it is made when a store starts.
func (s *Store) MigrationSQL(ctx context.Context) (string, error) {
	steps, err := migrationsOf(s.dialect.name)
	if err != nil {
		return "", err
	}
	have := 0
	err = s.peek(ctx, func(p pool) error {
		have, err = s.recorded(ctx, p)
		return err
	})
	if err != nil && !s.dialect.noTable(err) {
		return "", s.unavailable("asking for the version of the tables", err)
	}
	if have >= latest(steps) {
		return fmt.Sprintf("-- The tables have version %d, which is what this program needs.\n", have), nil
	}
	steps, err = s.missing(steps, have)
	if err != nil {
		return "", err
	}
	return s.script(steps), nil
}

// script writes migrations as one text.
func (s *Store) script(steps []migration) string {
	var b strings.Builder
	write := func(statement string) { b.WriteString(s.names.Replace(statement) + ";\n\n") }
	if s.dialect.embedded {
		write("BEGIN IMMEDIATE")
	}
	write(createMigrations)
	for _, step := range steps {
		for _, statement := range step.statements {
			write(strings.TrimSuffix(statement, ";"))
		}
		write(fmt.Sprintf("INSERT INTO {migrations} (version, name, applied, compatible_from) VALUES (%d, '%s', %d, %d)",
			step.version, step.name, s.now().UnixMilli(), step.compatible))
	}
	if s.dialect.embedded {
		write("COMMIT")
	}
	return b.String()
}
