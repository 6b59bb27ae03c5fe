package format

import "github.com/seed-11312c3d/caddy-session/format/sqltext"

// grafana is Grafana. It changes a session's token every few minutes, and for a
// while the one before is good as well.
var grafana = preset{
	secret: needsSecret,
	fill: func(o Options, _ sqltext.Dialect) (Options, error) {
		return Options{
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
			MaxAge:   hours(7 * 24),  // login_maximum_inactive_lifetime_duration
			Lifetime: hours(30 * 24), // login_maximum_lifetime_duration
			Require:  []Condition{{Of: "revoked_at", Values: []string{"0"}}},
			Users: &Users{
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
