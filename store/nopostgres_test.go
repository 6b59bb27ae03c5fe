//go:build nopostgres

package store_test

import "testing"

func TestLeftOut_PostgreSQL(t *testing.T) {
	refused(t, "PostgreSQL", "nopostgres", "postgres://u:p@host/db", "PostgreSQL://host/db", "postgres:")
}
