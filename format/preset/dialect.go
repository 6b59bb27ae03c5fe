package preset

import (
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// The units that lifetimes are written in.
const (
	second = format.Duration(time.Second)
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
)

// by chooses by the kind of database.
func by[T any](d sqltext.Dialect, inSQLite, inPostgres, inMySQL T) T {
	switch d {
	case sqltext.Postgres:
		return inPostgres
	case sqltext.MySQL:
		return inMySQL
	}
	return inSQLite
}

// mysqlWallClock reads a MySQL TIMESTAMP that a program wrote in UTC without
// telling the server: the server took it for a time of its own zone.
func mysqlWallClock(column string) string {
	return "(CONVERT_TZ(" + column + ", '+00:00', @@global.time_zone))"
}
