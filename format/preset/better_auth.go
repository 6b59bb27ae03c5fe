package preset

import (
	"strings"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// betterAuthCredentials are the cookies of better-auth and its plugins. The raw
// token stands in session_data; each session_token_multi is a session of the
// plugin for several, and admin_session the one of an administrator who
// impersonates somebody.
func betterAuthCredentials(cookie string) []string {
	prefix, ok := strings.CutSuffix(cookie, "session_token")
	if !ok {
		prefix = "better-auth." // its name is set by itself, and not the others'
	}
	return []string{
		cookie + "_multi-*", prefix + "session_data*", prefix + "account_data*",
		prefix + "admin_session", prefix + "two_factor", prefix + "trust_device",
	}
}

// betterAuth is better-auth with its own tables.
var betterAuth = preset{
	secret:      signs,
	credentials: betterAuthCredentials,
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
