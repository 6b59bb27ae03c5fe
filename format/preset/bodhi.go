package preset

import (
	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// bodhi is BodhiApp: tower-sessions with a column for the user. That column is
// only for counting, listing and ending a user's sessions: it is not cleared
// when the session forgets the user, so the identity is taken from the data.
var bodhi = preset{
	dialects: []sqltext.Dialect{sqltext.SQLite, sqltext.Postgres},
	listed:   true,
	listedBy: "user_id",
	fill: func(_ format.Options, d sqltext.Dialect) (format.Options, error) {
		filled := towerTable(d)
		filled.Schema, filled.Table = by(d, "", "public", ""), "tower_sessions"
		filled.Cookie = "bodhiapp_session_id"
		filled.User = []string{"user_id"}
		filled.UserType = "text" // numbers are nobody to BodhiApp
		return filled, nil
	},
}
