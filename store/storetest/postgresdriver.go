//go:build !nopostgres

package storetest

import _ "github.com/jackc/pgx/v5/stdlib" // registers itself as "pgx"

// noPostgres is the build tag that has left the driver out, or nothing.
const noPostgres = ""
