package format

import (
	"strings"

	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// spring is Spring Session JDBC. Who the user is stands in a column; what he
// may is in serialized Java, which is not read.
var spring = preset{
	tries: 3, // DefaultCookieSerializer reads every cookie of the name
	fill: func(_ Options, d sqltext.Dialect) (Options, error) {
		// PostgreSQL folds the names of Spring's schema; MySQL keeps them.
		name := by(d, strings.ToUpper, strings.ToLower, strings.ToUpper)
		return Options{
			Cookie: "SESSION",
			Table:  name("spring_session"),
			Token:  []string{"spring"},
			Columns: map[string]string{
				colKey:     name("session_id"),
				colUser:    name("principal_name"),
				colExpires: name("expiry_time"),
				colSeen:    name("last_access_time"),
				colCreated: name("creation_time"),
			},
			ExpiresUnit: unitUnixMs,
		}, nil
	},
}
