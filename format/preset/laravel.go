package preset

import (
	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// laravelCredentials are the cookies of "remember me": remember_, the guard, and
// the SHA-1 of the class that the guard is of, which is Laravel's own unless the
// program has extended it.
func laravelCredentials(string) []string {
	return []string{"remember_web_*", "remember_*_59ba36addc2b2f9401580f014c7f58ea4e30989d"}
}

// laravel is Laravel's database driver. The column user_id is that of the
// default guard; another guard's user is in the payload.
var laravel = preset{
	secret:      signs,
	credentials: laravelCredentials,
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
