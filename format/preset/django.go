package preset

import (
	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// django is django.contrib.sessions with the database or the cached database,
// and django.contrib.auth.
var django = preset{
	secret: signs,
	fill: func(o format.Options, d sqltext.Dialect) (format.Options, error) {
		filled := format.Options{
			Cookie:  "sessionid",
			Table:   "django_session",
			Token:   []string{"match [a-z0-9]{8,40}"},
			Columns: map[string]string{"key": "session_key", "payload": "session_data", "expires_at": "expire_date"},
			Codec:   "django",
			User:    []string{"_auth_user_id"},
			Users:   djangoUsers(o, d),
			Claims:  map[string]string{"username": "username"},
		}
		if usersOff(o) {
			filled.Claims = nil
		} else if len(o.Secret) > 0 {
			filled.Guards = []string{"django_auth_hash"}
		}
		return filled, nil
	},
}

func djangoUsers(o format.Options, d sqltext.Dialect) *format.Users {
	full := d.Join("u.first_name", "' '", "u.last_name")
	groups := d.List("g.name")
	return &format.Users{
		Table:   "auth_user",
		KeyType: "int",
		Columns: map[string]string{
			"username": "username",
			"name":     "(COALESCE(NULLIF(TRIM(" + full + "), ''), u.username))",
			"email":    "email",
			"active":   "is_active",
			"password": "password",
			"groups": "(SELECT " + groups + " FROM " + d.Table(o.Schema, "auth_user_groups") + " m JOIN " +
				d.Table(o.Schema, "auth_group") + " g ON g.id = m.group_id WHERE m.user_id = u.id)",
		},
	}
}
