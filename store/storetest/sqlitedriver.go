//go:build !nosqlite

package storetest

import _ "modernc.org/sqlite" // registers itself as "sqlite"

// noSQLite is the build tag that has left the driver out, or nothing.
const noSQLite = ""
