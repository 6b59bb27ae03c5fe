//go:build nopostgres

package storetest

const noPostgres = "nopostgres"
