package preset

import (
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/payload"
)

// Programs that have no preset are read with the words of custom.

func TestCustomReadsFlaskSession(t *testing.T) {
	tree := vectors(t, "flask-session")
	onEach(t, func(t *testing.T, db *testdb) {
		db.exec(`CREATE TABLE sessions (id integer PRIMARY KEY, session_id varchar(255) UNIQUE, data {blob}, expiry {datetime})`)
		for i, c := range list(t, tree, "cases") {
			o := format.Options{
				Name: "custom", Cookie: "session", Table: "sessions", Token: []string{"prefix session:"}, Codec: text(t, c, "serialization"),
				Columns: map[string]string{"key": "session_id", "payload": "data", "expires_at": "expiry"}, User: []string{"_user_id", "user_id"}, Claims: map[string]string{"email": "email"},
			}
			if signed, _ := at(t, c, "use_signer").(bool); signed {
				o.Secret, o.Token = []string{text(t, tree, "SECRET_KEY")}, []string{"itsdangerous", "prefix session:"}
			}
			if o.Codec != "json" {
				o.Codec = "msgpack"
			}
			db.exec(`INSERT INTO sessions VALUES (?, ?, ?, '2026-12-24 01:29:06')`, i, text(t, c, "row.session_id"), unbase64At(t, c, "row.data_base64"))
			cookie := text(t, c, "cookie_value_raw_on_wire")
			t.Log(text(t, c, "name"))
			if expect, _ := payload.Find(c, "expect.user_id"); expect == nil || text(t, c, "serialization") == "pickle" {
				if s, err := db.find(db.open(o), cookie, inCustomDays); err == nil || reasonOf(err) == "" {
					t.Errorf("%v, %v", s, err)
				}
				continue
			}
			db.is(db.open(o), cookie, inCustomDays, text(t, c, "expect.user_id"), "email="+optional(c, "expect.email"))
		}
	})
}

func TestCustomReadsGitea(t *testing.T) {
	tree := vectors(t, "gitea")
	written := time.Unix(1795397178, 0)
	onEach(t, func(t *testing.T, db *testdb) {
		db.exec(`CREATE TABLE "session" ("key" char(16) PRIMARY KEY, data {blob}, expiry bigint)`)
		db.exec(`CREATE TABLE "user" (id bigint PRIMARY KEY, name varchar(255), email varchar(255), is_active {bool}, prohibit_login {bool})`)
		db.exec(`INSERT INTO "user" VALUES (3, 'alice', 'alice@example.com', ?, ?)`, true, false)
		db.exec(`INSERT INTO "session" VALUES (?, ?, ?)`, text(t, tree, "row.key"), unbase64At(t, tree, "row.data_base64"), written.Unix())
		f := db.open(format.Options{
			Name: "custom", Cookie: "i_like_gitea", Token: []string{"match [0-9a-f]{16}"}, Table: "session", Codec: "gob",
			Columns: map[string]string{"key": "key", "payload": "data", "last_seen": "expiry"}, Expires: "since", ExpiresUnit: "unix", MaxAge: 24 * hour, User: []string{"uid"},
			Users:  &format.Users{Table: "user", KeyType: "int", Columns: map[string]string{"username": "name", "email": "email", "active": "(u.is_active AND NOT u.prohibit_login)"}},
			Claims: map[string]string{"username": "username"},
		})
		db.is(f, text(t, tree, "cookie_value"), written, "3", "username=alice", "email=alice@example.com")
		db.isNobody(f, text(t, tree, "cookie_value"), written.Add(24*time.Hour), format.ErrExpired)
		db.exec(`UPDATE "user" SET prohibit_login = ?`, true)
		db.isNobody(f, text(t, tree, "cookie_value"), written, format.ErrInactive)
	})
}

func TestCustomReadsPhoenix(t *testing.T) {
	tree := vectors(t, "phoenix")
	onEach(t, func(t *testing.T, db *testdb) {
		token := "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x20"
		db.exec(`CREATE TABLE users_tokens (id bigint PRIMARY KEY, user_id bigint, token ` + by(db.dialect, "blob", "bytea", "varbinary(255)") + ` UNIQUE, context varchar(255), inserted_at {datetime})`)
		db.exec(`INSERT INTO users_tokens VALUES (1, 42, ?, 'session', '2026-11-20 00:00:00')`, []byte(token))
		o := format.Options{
			Name: "custom", Cookie: text(t, tree, "cookie_name"), Secret: []string{text(t, tree, "secret_key_base")}, KeyType: "bytes", Table: "users_tokens",
			Columns: map[string]string{"key": "token", "user_id": "user_id", "created_at": "inserted_at", "context": "context"},
			Expires: "none", MaxAge: 14 * day, Require: []format.Condition{{Of: "context", Values: []string{"session"}}},
		}
		for cookie, step := range map[string]string{"signed_cookie": "plug " + text(t, tree, "signing_salt"), "encrypted_cookie": "plug_crypt " + text(t, tree, "encryption_salt")} {
			o.Token = []string{step}
			f := db.open(o)
			db.is(f, text(t, tree, cookie), inCustomDays, text(t, tree, "expect_user_id"))
			db.isNobody(f, text(t, tree, cookie), inCustomDays.AddDate(0, 0, 14), format.ErrExpired)
			db.isNobody(f, text(t, tree, cookie)[1:], inCustomDays, format.ErrMalformed)
		}
		db.exec(`UPDATE users_tokens SET context = 'reset_password'`)
		db.isNobody(db.open(o), text(t, tree, map[bool]string{true: "signed_cookie", false: "encrypted_cookie"}[o.Token[0][:5] == "plug "]), inCustomDays, format.ErrInactive)
	})
}

func TestCustomReadsPgstore(t *testing.T) {
	tree := vectors(t, "gorilla-pgstore-hash-and-block")
	sealed := time.Unix(1795397446, 0)
	keys := texts(t, tree, "keys")
	onEach(t, func(t *testing.T, db *testdb) {
		db.exec(`CREATE TABLE http_sessions (id bigint PRIMARY KEY, "key" {blob}, data {blob}, expires_on {moment})`)
		db.exec(`INSERT INTO http_sessions VALUES (1, ?, ?, '2027-01-01 00:00:00')`, []byte(text(t, tree, "row.key")), []byte(text(t, tree, "row.data")))
		f := db.open(format.Options{
			Name: "custom", Cookie: text(t, tree, "cookie_name"), Secret: []string{keys[0] + "," + keys[1]}, Token: []string{"securecookie"}, KeyType: "bytes",
			Table: "http_sessions", Codec: "securecookie", User: []string{"user_id"},
			Columns: map[string]string{"key": "key", "payload": "data", "expires_at": "expires_on"},
		})
		db.is(f, text(t, tree, "cookie_value"), sealed.Add(time.Hour), text(t, tree, "expect.user_id"))
		db.isNobody(f, text(t, tree, "cookie_value"), sealed.AddDate(0, 0, 31), format.ErrMalformed) // gorilla's own limit
		db.isNobody(f, text(t, tree, "row.key"), sealed, format.ErrMalformed)
	})
}
