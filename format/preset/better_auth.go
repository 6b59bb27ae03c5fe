package preset

import (
	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// betterAuth is better-auth with its own tables.
var betterAuth = preset{
	secret: signs,
	fill: func(o format.Options, _ sqltext.Dialect) (format.Options, error) {
		return format.Options{
			Cookie: "__Secure-better-auth.session_token",
			Table:  "session",
			Token:  signedOr(o, "better_auth", "better_auth_unsigned"),
			Columns: map[string]string{
				"key":        "token",
				"user_id":    "userId",
				"expires_at": "expiresAt",
				"created_at": "createdAt",
			},
			Users: &format.Users{Table: "user", Columns: map[string]string{"name": "name", "email": "email"}},
		}, nil
	},
}
