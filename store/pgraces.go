//go:build !nopostgres

package store

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// pgCollided reports a transaction that was given up for another one's sake. OC is
// how Aurora DSQL says it.
func pgCollided(err error) bool { return hasCode(err, "40001", "40P01", "OC00") }

// pgExists reports that what a statement makes is there: a table, a column, an
// index, a primary key.
func pgExists(err error) bool { return hasCode(err, "42P07", "42701", "42710", "42P16") }

// pgDuplicate reports that there is a row with the same key.
func pgDuplicate(err error) bool { return hasCode(err, "23505") }

// pgRaced reports that somebody else changes the same tables. IF NOT EXISTS does not
// keep two from inserting the same row into the catalog, which is 23505. 23502 is about rows that a
// program of the schema before adds meanwhile.
func pgRaced(err error) bool {
	if pgDuplicate(err) || hasCode(err, "23502", "40003") || pgExists(err) {
		return true
	}
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Code != "XX000" {
		return false
	}
	for _, text := range pgRaces {
		if strings.Contains(strings.ToLower(e.Message), text) {
			return true
		}
	}
	return false
}

// pgRaces are errors that have no code of their own; the latter two are YugabyteDB's.
var pgRaces = []string{"tuple concurrently", "catalog version mismatch", "schema version mismatch"}
