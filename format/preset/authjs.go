package preset

import (
	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// authjs is Auth.js and NextAuth with the strategy "database".
var authjs = preset{
	variants:  []string{"pg", "prisma", "drizzle", "typeorm"},
	byDialect: map[sqltext.Dialect]string{sqltext.SQLite: "prisma", sqltext.MySQL: "prisma"},
	// Chunks of a session that the strategy jwt keeps in the cookie.
	credentials: func(cookie string) []string { return []string{cookie + ".*"} },
	fill: func(o format.Options, d sqltext.Dialect) (format.Options, error) {
		sessions, users, unit := "sessions", "users", "time"
		expires := "expires"
		switch o.Variant {
		case "prisma":
			sessions, users = "Session", "User"
			unit = by(d, "unix_ms", "time", "time")
		case "drizzle":
			sessions, users = "session", "user"
			unit = by(d, "unix_ms", "time", "time")
			expires = by(d, expires, expires, mysqlWallClock("s.`expires`"))
		}
		return format.Options{
			Cookie:      "__Secure-authjs.session-token",
			Table:       sessions,
			Token:       []string{"authjs", "match [A-Za-z0-9_-]{16,255}"},
			Columns:     map[string]string{"key": "sessionToken", "user_id": "userId", "expires_at": expires},
			ExpiresUnit: unit,
			Users:       &format.Users{Table: users, Columns: map[string]string{"name": "name", "email": "email"}},
		}, nil
	},
}
