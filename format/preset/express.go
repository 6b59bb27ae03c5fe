package preset

import (
	"fmt"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// express is express-session with one of its stores on SQL.
var express = preset{
	variants: []string{
		"connect_pg_simple", "express_mysql_session", "knex", "sequelize", "better_sqlite3", "connect_sqlite3", "prisma", "typeorm",
	},
	byDialect: map[sqltext.Dialect]string{sqltext.MySQL: "express_mysql_session", sqltext.SQLite: "better_sqlite3"},
	secret:    signs,
	// connect-pg-simple with createTableIfMissing at its first request, most others
	// when they connect.
	makesTable: true,
	fill: func(o format.Options, d sqltext.Dialect) (format.Options, error) {
		store := expressStores(d)[o.Variant]
		if store.only != "" && store.only != d {
			return format.Options{}, fmt.Errorf("variant: %s keeps its sessions in %s, not in %s", o.Variant, store.only, d)
		}
		return format.Options{
			Cookie:      store.cookie(),
			Table:       store.table,
			Token:       signedOr(o, "express", "express_unsigned"),
			Columns:     lay(store.more, map[string]string{"key": store.key, "payload": store.payload, "expires_at": store.expires}),
			ExpiresUnit: store.unit,
			Codec:       "json",
			// Passport's, then what programs write by hand.
			User: []string{"passport.user", "passport.user.id", "user.id", "userId", "user_id"},
		}, nil
	},
}

// expressStore is the table of one store.
type expressStore struct {
	only                         sqltext.Dialect // the one database it is for; empty: any
	table, key, payload, expires string
	unit                         string
	more                         map[string]string
}

// cookie is express-session's own name but for one store, whose examples
// everybody copies.
func (s expressStore) cookie() string {
	if s.only == sqltext.MySQL {
		return "session_cookie_name"
	}
	return "connect.sid"
}

func expressStores(d sqltext.Dialect) map[string]expressStore {
	return map[string]expressStore{
		// Its times have no zone and are in that of the database's sessions.
		"connect_pg_simple":     {sqltext.Postgres, "session", "sid", "sess", "expire", "local", nil},
		"express_mysql_session": {sqltext.MySQL, "sessions", "session_id", "data", "expires", "unix", nil},
		"knex":                  {"", "sessions", "sid", "sess", "expired", "time", nil},
		"sequelize":             {"", "Sessions", "sid", "data", "expires", "time", nil},
		"better_sqlite3":        {sqltext.SQLite, "sessions", "sid", "sess", "expire", "text", nil},
		"connect_sqlite3":       {sqltext.SQLite, "sessions", "sid", "sess", "expired", "unix_ms", nil},
		"prisma":                {"", "Session", "sid", "data", "expiresAt", by(d, "unix_ms", "time", "time"), nil},
		"typeorm": {
			"", "session", "id", "json", "expiredAt", "unix_ms",
			map[string]string{"active": "(s." + d.Quote("destroyedAt") + " IS NULL)"},
		},
	}
}
