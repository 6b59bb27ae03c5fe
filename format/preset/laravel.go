package preset

import (
	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// laravel is Laravel's database driver. The column user_id is that of the
// default guard; another guard's user is in the payload.
var laravel = preset{
	secret: signs,
	fill: func(o format.Options, _ sqltext.Dialect) (format.Options, error) {
		return format.Options{
			Cookie: "laravel-session",
			Table:  "sessions",
			// Unsigned: the program excepts the cookie from encryption.
			Token: signedOr(o, "laravel", "match [A-Za-z0-9]{40}"),
			Columns: map[string]string{
				"key":       "id",
				"user_id":   "user_id",
				"last_seen": "last_activity",
				"payload":   "payload",
			},
			Expires:     "since",
			ExpiresUnit: "unix",
			MaxAge:      120 * minute,
			Users:       &format.Users{Table: "users", Columns: map[string]string{"name": "name", "email": "email"}},
		}, nil
	},
}
