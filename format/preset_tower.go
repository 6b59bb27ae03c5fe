package format

import "github.com/seed-11312c3d/caddy-session/format/sqltext"

// tower is tower-sessions of Rust with its SQL store.
var tower = preset{
	variants: []string{"default", "axum_login"},
	fill: func(o Options, d sqltext.Dialect) (Options, error) {
		filled := towerTable(o, d)
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
func towerTable(_ Options, d sqltext.Dialect) Options {
	filled := Options{
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

// bodhi is BodhiApp: tower-sessions with a column for the user. That column is
// only for counting, listing and ending a user's sessions: it is not cleared
// when the session forgets the user, so the identity is taken from the data.
var bodhi = preset{
	dialects: []sqltext.Dialect{sqltext.SQLite, sqltext.Postgres},
	fill: func(o Options, d sqltext.Dialect) (Options, error) {
		filled := towerTable(o, d)
		filled.Schema, filled.Table = by(d, "", "public", ""), "tower_sessions"
		filled.Cookie = "bodhiapp_session_id"
		filled.User = []string{"user_id"}
		filled.UserType = "text" // numbers are nobody to BodhiApp
		return filled, nil
	},
}
