package preset

import (
	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// scs is alexedwards/scs of Go with one of its stores on SQL and its own codec.
var scs = preset{
	variants: []string{"raw", "hashed"},
	fill: func(o format.Options, d sqltext.Dialect) (format.Options, error) {
		token := []string{"match [A-Za-z0-9_-]{43}"}
		if o.Variant == "hashed" {
			token = append(token, "sha256_base64url") // HashTokenInStore
		}
		filled := format.Options{
			Cookie: "session",
			Table:  "sessions",
			Token:  token,
			Columns: map[string]string{
				"key":        "token",
				"payload":    "data",
				"expires_at": by(d, "expiry", "expiry", mysqlWallClock("s.expiry")),
			},
			ExpiresUnit: by(d, "julian", "time", "time"),
			Codec:       "gob",
			Guards:      []string{"scs_deadline"},
			User:        []string{"Values.userID", "Values.authenticatedUserID"},
		}
		if o.Codec != "" {
			filled.Guards = nil // of another codec's payload nothing is known
		}
		return filled, nil
	},
}
