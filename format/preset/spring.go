package preset

import (
	"strings"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// spring is Spring Session JDBC. Who the user is stands in a column; what he
// may is in serialized Java, which is not read.
var spring = preset{
	credentials: fixed("remember-me"), // Spring Security's
	tries:       3,                    // DefaultCookieSerializer reads every cookie of the name
	fill: func(_ format.Options, d sqltext.Dialect) (format.Options, error) {
		// PostgreSQL folds the names of Spring's schema; MySQL keeps them.
		name := by(d, strings.ToUpper, strings.ToLower, strings.ToUpper)
		return format.Options{
			Cookie: "SESSION",
			Table:  name("spring_session"),
			Token:  []string{"spring"},
			Columns: map[string]string{
				"key":        name("session_id"),
				"user_id":    name("principal_name"),
				"expires_at": name("expiry_time"),
				"last_seen":  name("last_access_time"),
				"created_at": name("creation_time"),
			},
			ExpiresUnit: "unix_ms",
		}, nil
	},
}
