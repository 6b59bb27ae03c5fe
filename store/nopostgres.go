//go:build nopostgres

package store

var postgres = leftOut("PostgreSQL", "nopostgres", "postgres")
