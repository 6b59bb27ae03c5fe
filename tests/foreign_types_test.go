//go:build unix

package tests

import (
	"testing"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// freshDB makes an empty database of a kind.
var freshDB = map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": storetest.Postgres, "mysql": storetest.MySQL}

// What programs declare columns as, where the databases differ.
var (
	instant  = map[string]string{"sqlite": "datetime", "postgres": "timestamptz", "mysql": "datetime(6)"}
	clock    = map[string]string{"sqlite": "datetime", "postgres": "timestamp", "mysql": "datetime(6)"}
	longText = map[string]string{"sqlite": "text", "postgres": "text", "mysql": "longtext"}
	blob     = map[string]string{"sqlite": "blob", "postgres": "bytea", "mysql": "longblob"}
)
