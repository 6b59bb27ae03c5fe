//go:build unix

package tests

import (
	"testing"
	"time"
)

func TestForeignDjango(t *testing.T) {
	onEach(t, djangoProgram, "sqlite", "postgres", "mysql")
}

// djangoProgram is Django with its sessions in the database.
func djangoProgram(t *testing.T, kind string) program {
	tree := vector(t, "django-5.2")
	cases := at(t, tree, "cases").([]any)
	key := func(name string) string { return wordAt(t, named(t, cases, name), "row.session_key") }
	login := key("login-json-compressed")
	return program{
		on: freshDB[kind],
		tables: []string{
			"CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data " + longText[kind] + " NOT NULL, expire_date " + instant[kind] + " NOT NULL)",
			"CREATE TABLE auth_user (id integer PRIMARY KEY, password varchar(128), username varchar(150), first_name varchar(150), last_name varchar(150), email varchar(254), is_active bool)",
			"CREATE TABLE auth_group (id integer PRIMARY KEY, name varchar(150))",
			"CREATE TABLE auth_user_groups (id integer PRIMARY KEY, user_id integer, group_id integer)",
		},
		fill: func(db programDB) {
			users := map[string]bool{}
			for _, c := range cases {
				end := in(time.Hour)
				if wordAt(t, c, "name") == "expired" {
					end = in(-time.Second)
				}
				db.exec("INSERT INTO django_session VALUES (?, ?, ?)", wordAt(t, c, "row.session_key"), wordAt(t, c, "row.session_data"), db.moment(end))
				user, ok := c.(map[string]any)["user_row"]
				if !ok || users[wordAt(t, user, "id")] {
					continue
				}
				users[wordAt(t, user, "id")] = true
				db.exec("INSERT INTO auth_user VALUES (?, ?, ?, ?, ?, ?, ?)", at(t, user, "id"), wordAt(t, user, "password"), wordAt(t, user, "username"),
					at(t, user, "first_name"), at(t, user, "last_name"), wordAt(t, user, "email"), at(t, user, "is_active"))
			}
			db.exec("INSERT INTO auth_group VALUES (1, 'ops'), (2, 'staff'), (3, 'others')")
			db.exec("INSERT INTO auth_user_groups VALUES (1, 1, 1), (2, 1, 2), (3, 99, 3)")
		},
		realm:   "format django {\n secret {secret1} {secret2}\n}",
		secrets: []string{"a secret key that is newer", wordAt(t, tree, "secret_key")},
		cookie:  "sessionid",
		good: map[string]identity{
			login:                     {"1", "alice@example.com", "Alice Liddell", []string{"ops", "staff"}},
			key("password-unchanged"): {user: "3", email: "mallory@example.com", name: "mallory"},
		},
		first:  login,
		claims: map[string]string{"username": "alice"},
		bad: map[string]string{
			key("anonymous-uncompressed"):      "anonymous",
			key("expired"):                     "expired",
			key("user-deactivated"):            "inactive",
			key("tampered-signature"):          "undecodable",
			key("pickle-serializer"):           "undecodable",
			"0123456789abcdefghijklmnopqrstuv": "unknown",
			"UPPER":                            "malformed",
		},
		changes: []change{
			{"the session ends", "UPDATE django_session SET expire_date = '2026-01-01 00:00:00'", nil, "expired"},
			{"alice is deactivated", "UPDATE auth_user SET is_active = ? WHERE id = 1", []any{false}, "inactive"},
			{"alice changes her password", "UPDATE auth_user SET password = 'pbkdf2_sha256$1$another$one' WHERE id = 1", nil, "inactive"},
			{"alice is deleted", "DELETE FROM auth_user WHERE id = 1", nil, "inactive"},
			{"somebody writes the row", "UPDATE django_session SET session_data = 'eyJfYXV0aF91c2VyX2lkIjoiMSJ9:1xVIVL:AAAA'", nil, "undecodable"},
		},
		otherSecrets: []string{"a secret key that is newer", "and one that is not Django's"},
		wrongSecret:  "undecodable",
	}
}

// Flask-Session has no preset: it is read with the words of custom.
func TestForeignCustomFlaskSession(t *testing.T) {
	onEach(t, func(t *testing.T, kind string) program {
		c := named(t, at(t, vector(t, "flask-session"), "cases"), "msgpack")
		value := wordAt(t, c, "cookie_value_raw_on_wire")
		return program{
			on:     freshDB[kind],
			tables: []string{"CREATE TABLE sessions (id integer PRIMARY KEY, session_id varchar(255) UNIQUE, data " + blob[kind] + ", expiry " + map[string]string{"sqlite": "datetime", "postgres": "timestamp"}[kind] + ")"},
			fill: func(db programDB) {
				db.exec("INSERT INTO sessions VALUES (1, ?, ?, ?)", wordAt(t, c, "row.session_id"), bytesAt(t, c, "row.data_base64"), in(time.Hour).UTC().Format("2006-01-02 15:04:05"))
			},
			realm: `format custom {
				cookie session
				token  prefix session:
				table  sessions
				columns {
					key        session_id
					payload    data
					expires_at expiry
				}
				codec  msgpack
				user   _user_id user_id
				claims {
					email email
				}
			}`,
			cookie: "session",
			good:   map[string]identity{value: {user: "42", email: "alice@example.com"}},
			first:  value,
			bad:    map[string]string{wordAt(t, c, "row.session_id"): "unknown"},
			changes: []change{
				{"the session ends", "UPDATE sessions SET expiry = '2026-01-01 00:00:00'", nil, "expired"},
				{"the payload is in another codec", "UPDATE sessions SET data = ?", []any{[]byte(`{"_user_id":"42"}`)}, "undecodable"},
				{"the payload says nobody", "UPDATE sessions SET data = ?", []any{[]byte("\x80")}, "anonymous"},
			},
		}
	}, "sqlite", "postgres")
}
