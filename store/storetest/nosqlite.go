//go:build nosqlite

package storetest

const noSQLite = "nosqlite"
