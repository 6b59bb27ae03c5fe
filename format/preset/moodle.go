package preset

import (
	"cmp"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// moodle is Moodle, which has a row for each session wherever the rest of it
// is kept.
var moodle = preset{
	// Whom the browser's last login was of.
	credentials: fixed("MOODLEID*"),
	fill: func(o format.Options, d sqltext.Dialect) (format.Options, error) {
		prefix := cmp.Or(o.TablePrefix, "mdl_")
		guest := "SELECT 1 FROM " + d.Table(o.Schema, prefix+"config") + " c WHERE c.name = 'siteguest' AND c.value = " + d.Text("u.id")
		return format.Options{
			Cookie:      "MoodleSession",
			TablePrefix: prefix,
			Table:       prefix + "sessions",
			Token:       []string{"match [A-Za-z0-9,-]{16,128}"},
			Columns: map[string]string{
				"key":        "sid",
				"user_id":    "userid",
				"last_seen":  "timemodified",
				"created_at": "timecreated",
			},
			Expires:     "since",
			ExpiresUnit: "unix",
			MaxAge:      8 * hour, // sessiontimeout
			Users: &format.Users{
				Table: prefix + "user",
				Columns: map[string]string{
					"username": "username",
					"name":     d.Join("u.firstname", "' '", "u.lastname"),
					"email":    "email",
					"active":   "(u.deleted = 0 AND u.suspended = 0 AND u.username <> 'guest' AND NOT EXISTS (" + guest + "))",
				},
			},
			Claims: usersClaim(o, "username"),
		}, nil
	},
}
