package preset

import (
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
)

func TestRails(t *testing.T) {
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	for _, file := range []string{"rails-7.2-json", "rails-6.1-marshal"} {
		tree := vectors(t, file)
		cookies := map[string]string{}
		for _, line := range append(texts(t, tree, "set_cookie_rails8"), texts(t, tree, "set_cookie_arsession")...) {
			pair, _, _ := strings.Cut(line, ";")
			name, value, _ := strings.Cut(pair, "=")
			cookies[name] = value
		}
		secret := []string{"another secret_key_base", text(t, tree, "secret_key_base")}
		onEach(t, func(t *testing.T, db *testdb) {
			db.exec(`CREATE TABLE users (id bigint PRIMARY KEY, email_address varchar(255), email varchar(255), encrypted_password varchar(255))`)
			db.exec(`INSERT INTO users VALUES (1, 'alice@example.com', 'alice@example.com', '$2a$12$abcdefghijklmnopqrstuvABCDEF')`)
			db.exec(`CREATE TABLE auth_sessions (id bigint PRIMARY KEY, user_id bigint NOT NULL, created_at {datetime})`)
			row := list(t, tree, "rails8_row")[0]
			db.exec(`INSERT INTO auth_sessions VALUES (1, 1, ?)`, text(t, row, "created_at"))
			f := db.open(format.Options{Name: "rails", Secret: secret, Table: "auth_sessions"})
			db.is(f, cookies["session_id"], now, "1", "email=alice@example.com")
			db.isNobody(f, cookies["session_id"], now.AddDate(0, 2, 0), format.ErrExpired)
			db.isNobody(f, "1", now, format.ErrMalformed)
			db.isNobody(f, cookies["plain"], now, format.ErrMalformed) // signed for another cookie
			db.isNobody(f, cookies["session_token"], now, format.ErrMalformed)
			db.isNobody(f, cookies["session_id"][:len(cookies["session_id"])-1]+"0", now, format.ErrMalformed)
			db.exec(`DELETE FROM auth_sessions`)
			db.isNobody(f, cookies["session_id"], now, format.ErrUnknown)

			db.exec(`CREATE TABLE tokens (token varchar(255) PRIMARY KEY, user_id bigint, created_at {datetime})`)
			db.exec(`INSERT INTO tokens VALUES ('tok_ABC-123', 1, '2026-11-23 01:09:49')`)
			byToken := db.open(format.Options{Name: "rails", Variant: "token", Secret: secret, Table: "tokens"})
			db.is(byToken, cookies["session_token"], now, "1", "email=alice@example.com")
			db.isNobody(byToken, "tok_ABC-123", now, format.ErrMalformed)

			db.exec(`CREATE TABLE sessions (id bigint PRIMARY KEY, session_id varchar(255) NOT NULL UNIQUE, data {longtext}, created_at {datetime}, updated_at {datetime})`)
			ar := at(t, tree, "ar_session_row")
			db.exec(`INSERT INTO sessions VALUES (1, ?, ?, ?, ?)`, text(t, ar, "session_id"), text(t, ar, "data"), text(t, ar, "created_at"), text(t, ar, "updated_at"))
			o := format.Options{
				Name: "rails", Variant: "activerecord", Cookie: "_myapp_session", MaxAge: 48 * hour,
				Users: &format.Users{Table: "users", KeyType: "int", Columns: map[string]string{"email": "email", "password": "encrypted_password"}}, Guards: []string{"devise_salt"},
			}
			devise := db.open(o)
			db.is(devise, cookies["_myapp_session"], now, "1", "email=alice@example.com")
			db.isNobody(devise, text(t, ar, "session_id"), now, format.ErrMalformed)
			db.isNobody(devise, cookies["_myapp_session"], now.AddDate(0, 0, 2), format.ErrExpired)
			db.exec(`UPDATE users SET encrypted_password = '$2a$12$changedchangedchangedcABCDEF'`)
			db.isNobody(devise, cookies["_myapp_session"], now, format.ErrInactive)
		})
	}
}
