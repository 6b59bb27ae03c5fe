package format

import "github.com/seed-11312c3d/caddy-session/format/sqltext"

// betterAuth is better-auth with its own tables.
var betterAuth = preset{
	secret: signs,
	fill: func(o Options, _ sqltext.Dialect) (Options, error) {
		return Options{
			Cookie: "__Secure-better-auth.session_token",
			Table:  "session",
			Token:  o.signedOr("better_auth", "better_auth_unsigned"),
			Columns: map[string]string{
				"key":        "token",
				"user_id":    "userId",
				"expires_at": "expiresAt",
				"created_at": "createdAt",
			},
			Users: &Users{Table: "user", Columns: map[string]string{"name": "name", "email": "email"}},
		}, nil
	},
}
