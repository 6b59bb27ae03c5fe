package preset

import (
	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// tower is tower-sessions of Rust with its SQL store.
var tower = preset{
	variants: []string{"default", "axum_login"},
	listed:   true,
	fill: func(o format.Options, d sqltext.Dialect) (format.Options, error) {
		filled := towerTable(d)
		filled.Cookie = "id"
		filled.User = []string{"user_id"}
		if o.Variant == "axum_login" {
			filled.User = []string{`"axum-login.data".user_id`}
		}
		return filled, nil
	},
}

// towerTable is where tower-sessions-sqlx-store keeps sessions. Its times are
// text or, of other stores with the same table, Unix seconds.
func towerTable(d sqltext.Dialect) format.Options {
	filled := format.Options{
		Schema:      "tower_sessions",
		Table:       "session",
		Token:       []string{"tower"},
		Columns:     map[string]string{"key": "id", "payload": "data", "expires_at": "expiry_date"},
		ExpiresUnit: "time",
		Codec:       "tower",
	}
	if d == sqltext.SQLite {
		filled.Schema, filled.Table = "", "tower_sessions"
	}
	return filled
}
