package preset

import (
	"errors"
	"strings"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// drupalCredentials are the session's cookie under its name of http, or of https,
// and that of the module Persistent Login.
func drupalCredentials(cookie string) []string {
	for _, prefix := range []string{"SSESS", "SESS"} {
		if site, ok := strings.CutPrefix(cookie, prefix); ok && site != "" {
			return []string{"SESS" + site, "SSESS" + site, "PL*" + site}
		}
	}
	return nil
}

// drupal is Drupal 8 and later. The user's id is taken from the payload, which
// is what Drupal believes; the column must agree.
var drupal = preset{
	credentials: drupalCredentials,
	fill: func(o format.Options, d sqltext.Dialect) (format.Options, error) {
		if o.Cookie == "" {
			return format.Options{}, errors.New("cookie is missing: its name is SSESS and 32 digits that are this site's own; look it up in a browser")
		}
		prefixed := func(name string) string { return d.Table(o.Schema, o.TablePrefix+name) }
		return format.Options{
			Table: o.TablePrefix + "sessions",
			Token: []string{"match [A-Za-z0-9,_-]{20,128}", "sha256_base64url"},
			Columns: map[string]string{
				"key":       "sid",
				"user_id":   "uid",
				"last_seen": "timestamp",
				"payload":   "session",
			},
			Expires:     "since",
			ExpiresUnit: "unix",
			MaxAge:      200_000 * second, // gc_maxlifetime of Drupal's services
			Codec:       "php_session",
			User:        []string{"_sf2_attributes.uid"},
			Users: &format.Users{
				Table: "(SELECT uid, name, mail, status FROM " + prefixed("users_field_data") + " WHERE default_langcode = 1)",
				Key:   "uid",
				Columns: map[string]string{
					"name":   "name",
					"email":  "mail",
					"active": "status",
					"groups": "(SELECT " + d.List("r.roles_target_id") + " FROM " + prefixed("user__roles") +
						" r WHERE r.entity_id = u.uid AND r.deleted = 0)",
				},
			},
		}, nil
	},
}
