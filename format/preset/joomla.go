package preset

import (
	"errors"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// joomla is Joomla 4 and later, as long as it tracks session metadata, which
// is its default.
var joomla = preset{
	credentials: fixed("joomla_remember_me_*"),
	fill: func(o format.Options, d sqltext.Dialect) (format.Options, error) {
		switch {
		case o.Cookie == "":
			return format.Options{}, errors.New("cookie is missing: its name is 32 digits that are this site's own; look it up in a browser")
		case o.TablePrefix == "":
			return format.Options{}, errors.New("table_prefix is missing: it is $dbprefix in configuration.php")
		}
		table := func(name string) string { return d.Table(o.Schema, o.TablePrefix+name) }
		return format.Options{
			Table:   o.TablePrefix + "session",
			Token:   []string{"match [A-Za-z0-9,-]{16,192}"},
			KeyType: by(d, "text", "bytes", "text"),
			Columns: map[string]string{"key": "session_id", "user_id": "userid", "last_seen": "time", "guest": "guest"},
			Expires: "since", ExpiresUnit: "unix",
			MaxAge:  15 * minute,
			Require: []format.Condition{{Of: "guest", Values: []string{"0"}}},
			Users: &format.Users{
				Table: o.TablePrefix + "users",
				Columns: map[string]string{
					"username": "username",
					"name":     "name",
					"email":    "email",
					"active":   "(u.block = 0)",
					"groups": "(SELECT " + d.List("g.title") + " FROM " + table("user_usergroup_map") + " m JOIN " +
						table("usergroups") + " g ON g.id = m.group_id WHERE m.user_id = u.id)",
				},
			},
			Claims: usersClaim(o, "username"),
		}, nil
	},
}
