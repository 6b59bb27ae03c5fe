package preset

import (
	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// lucia is Lucia 3 and the two patterns that its author published later.
var lucia = preset{
	variants: []string{"raw", "sha256", "secret"},
	fill: func(o format.Options, d sqltext.Dialect) (format.Options, error) {
		filled := format.Options{
			Cookie:      "auth_session",
			Table:       "user_session",
			Token:       []string{"match [A-Za-z0-9]{16,64}"},
			Columns:     map[string]string{"key": "id", "user_id": "user_id", "expires_at": "expires_at"},
			ExpiresUnit: by(d, "unix", "time", "time"),
		}
		switch o.Variant {
		case "sha256":
			filled.Cookie = "session"
			filled.Token = []string{"match [A-Za-z0-9]{16,64}", "sha256_hex"}
		case "secret":
			filled.Cookie, filled.Table = "session_token", "session"
			filled.Token = []string{"split sha256"}
			filled.Columns = map[string]string{"key": "id", "user_id": "user_id", "proof": "secret_hash", "created_at": "created_at"}
			filled.Expires, filled.ExpiresUnit, filled.MaxAge = "none", "unix", 24*hour
		}
		return filled, nil
	},
}
