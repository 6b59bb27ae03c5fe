package store

import (
	"slices"
	"strings"
	"testing"
)

func TestParametersAreNumberedOutsideQuotes(t *testing.T) {
	for text, want := range map[string]string{
		"a = ? AND b = ?":        "a = $1 AND b = $2",
		`a = '?''?' AND b = ?`:   `a = '?''?' AND b = $1`,
		"\"?\" = ? AND `?` = ?":  "\"?\" = $1 AND `?` = $2",
		"no parameter":           "no parameter",
		strings.Repeat("?,", 11): "$1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,",
	} {
		if got := number(text); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}

func TestStatementsOfMigrations(t *testing.T) {
	for _, d := range dialects {
		steps, err := migrationsOf(d.name)
		if err != nil || len(steps) == 0 {
			t.Fatal(d.name, err)
		}
		for i, step := range steps {
			if step.version != i+1 {
				t.Error(d.name, "lacks the migration", i+1)
			}
			if slices.ContainsFunc(step.statements, func(s string) bool { return strings.Contains(s, "?") }) {
				t.Error(d.name, step.name, "contains a `?`")
			}
		}
	}
}
