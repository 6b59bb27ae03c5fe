package preset

import (
	"errors"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// rails is what `bin/rails generate authentication` makes, the same by hand
// with a random token, and activerecord-session_store.
var rails = preset{
	variants: []string{"authentication", "token", "activerecord"},
	// Devise's, of users and of any other scope.
	credentials: fixed("remember_*_token"),
	fill: func(o format.Options, _ sqltext.Dialect) (format.Options, error) {
		filled := format.Options{
			Cookie:  "session_id",
			Table:   "sessions",
			Token:   []string{"rails_signed"},
			KeyType: "int",
			Columns: map[string]string{"key": "id", "user_id": "user_id", "created_at": "created_at"},
			// The row has no end and the cookie one in twenty years.
			Expires: "none",
			MaxAge:  30 * day,
			Users:   &format.Users{Table: "users", Columns: map[string]string{"email": "email_address"}},
		}
		switch o.Variant {
		case "activerecord":
			return activeRecord(o)
		case "token":
			filled.Cookie, filled.KeyType, filled.Columns["key"] = "session_token", "text", "token"
			filled.Users.Columns["email"] = "email"
			filled.Token = signedOr(o, "rails_signed", "url_php")
			return filled, signs.check(o)
		}
		// Ids can be counted through: the signature is all that protects them.
		return filled, needsSecret.check(o)
	},
}

// activeRecord is the gem activerecord-session_store, whose cookies are not
// signed, with Devise's or a hand-written user.
func activeRecord(o format.Options) (format.Options, error) {
	if o.Cookie == "" {
		return format.Options{}, errors.New("cookie is missing: the program's configuration names it, most often _<name>_session")
	}
	return format.Options{
		Table:   "sessions",
		Token:   []string{"match [0-9a-f]{32}", "activerecord"},
		Columns: map[string]string{"key": "session_id", "payload": "data", "last_seen": "updated_at", "created_at": "created_at"},
		Expires: "since",
		MaxAge:  o.MaxAge, // there is no sensible default: the gem has none
		Codec:   "rails",
		User:    []string{`"warden.user.user.key".0.0`, "user_id"},
	}, nil
}
