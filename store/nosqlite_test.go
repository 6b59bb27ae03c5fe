//go:build nosqlite

package store_test

import "testing"

func TestLeftOut_SQLite(t *testing.T) {
	refused(t, "SQLite", "nosqlite", "sqlite:session.db", "SQLite:///session.db", "sqlite::memory:")
}
