package preset

import (
	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// grafana is Grafana. It changes a session's token every few minutes, and for a
// while the one before is good as well.
var grafana = preset{
	secret: needsSecret,
	fill: func(o format.Options, _ sqltext.Dialect) (format.Options, error) {
		return format.Options{
			Cookie: "grafana_session",
			Table:  "user_auth_token",
			Token:  []string{"match [0-9a-f]{32,64}", "sha256_hex_secret"},
			Columns: map[string]string{
				"key":          "auth_token",
				"previous_key": "prev_auth_token",
				"user_id":      "user_id",
				"created_at":   "created_at",
				"last_seen":    "rotated_at",
				"revoked_at":   "(COALESCE(s.revoked_at, 0))",
			},
			Expires: "since", ExpiresUnit: "unix",
			MaxAge:   7 * day,  // login_maximum_inactive_lifetime_duration
			Lifetime: 30 * day, // login_maximum_lifetime_duration
			Require:  []format.Condition{{Of: "revoked_at", Values: []string{"0"}}},
			Users: &format.Users{
				Table: "user",
				Columns: map[string]string{
					"username": "login",
					"name":     "name",
					"email":    "email",
					"active":   "(NOT u.is_disabled)",
				},
			},
			Claims: usersClaim(o, "username"),
		}, nil
	},
}
