//go:build nosqlite

package store

var sqlite = leftOut("SQLite", "nosqlite", "sqlite")
