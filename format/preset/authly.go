package preset

import (
	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// The layouts that authly, later authkestra, has had.
const (
	authlyJSON     = "l1" // the session as JSON in the column data
	authlyUsername = "l2" // columns, with username
	authlyName     = "l3" // columns, with name
	authlyKV       = "l4" // the session as JSON in a table of keys and values
)

// authly is authly-session of Rust, and authkestra that it became.
var authly = preset{
	listed:   true,
	variants: []string{authlyKV, authlyName, authlyUsername, authlyJSON},
	fill: func(o format.Options, _ sqltext.Dialect) (format.Options, error) {
		switch o.Variant {
		case authlyJSON:
			return authlyDocument("authly_session", "authly_sessions", "id", "data"), nil
		case authlyUsername:
			return authlyColumns("authly_session", "authly_sessions", "username"), nil
		case authlyName:
			return authlyColumns("authkestra_session", "authkestra_sessions", "name"), nil
		}
		return authlyDocument("authkestra_session", "authkestra_kv", "key", "value"), nil
	},
}

// authlyToken is the text of a UUID.
const authlyToken = `match [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`

func authlyDocument(cookie, table, key, payload string) format.Options {
	return format.Options{
		Cookie:     cookie,
		Table:      table,
		Token:      []string{authlyToken},
		Columns:    map[string]string{"key": key, "payload": payload, "expires_at": "expires_at"},
		Codec:      "json",
		PayloadKey: "id",
		User:       []string{"identity.external_id"},
		// Not attributes: among them are the tokens of the identity provider.
		Claims: map[string]string{
			"email":    "identity.email",
			"name":     "identity.username",
			"provider": "identity.provider_id",
		},
	}
}

func authlyColumns(cookie, table, name string) format.Options {
	return format.Options{
		Cookie: cookie,
		Table:  table,
		Token:  []string{authlyToken},
		Columns: map[string]string{
			"key":        "id",
			"user_id":    "external_id",
			"expires_at": "expires_at",
			"email":      "email",
			"name":       name,
			"provider":   "provider_id",
		},
		Claims: map[string]string{"provider": "provider"},
	}
}
