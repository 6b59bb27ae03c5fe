package preset

import (
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
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

func TestGrafana(t *testing.T) {
	tree := vectors(t, "grafana")
	now := time.Unix(1795397178, 0)
	cookie := text(t, tree, "cookie_value")
	onEach(t, func(t *testing.T, db *testdb) {
		db.exec(`CREATE TABLE user_auth_token (id integer PRIMARY KEY, user_id bigint, auth_token varchar(100) UNIQUE, prev_auth_token varchar(100) UNIQUE, created_at integer, rotated_at integer, revoked_at integer)`)
		db.exec(`CREATE TABLE "user" (id integer PRIMARY KEY, login varchar(190), email varchar(190), name varchar(255), is_disabled {bool})`)
		db.exec(`INSERT INTO "user" VALUES (1, 'admin', 'admin@localhost', '', ?)`, false)
		hash := text(t, tree, "row.auth_token")
		db.exec(`INSERT INTO user_auth_token VALUES (1, 1, ?, ?, ?, ?, 0)`, hash, text(t, tree, "row.prev_auth_token"), now.Unix(), now.Unix())
		f := db.open(format.Options{Name: "grafana", Secret: []string{text(t, tree, "secret_key")}, Revocable: true})
		first := db.is(f, cookie, now, "1", "username=admin", "email=admin@localhost")
		db.exec(`UPDATE user_auth_token SET auth_token = 'rotated', rotated_at = ?`, now.Add(6*24*time.Hour).Unix())
		db.is(f, cookie, now.Add(12*24*time.Hour), "1")
		db.isNobody(f, cookie, now.Add(13*24*time.Hour), format.ErrExpired)
		db.exec(`UPDATE user_auth_token SET rotated_at = ?`, now.Add(29*24*time.Hour).Unix())
		if s := db.is(f, cookie, now.Add(29*24*time.Hour), "1"); !s.Expires.Equal(now.Add(30 * 24 * time.Hour)) {
			t.Errorf("it ends at %v", s.Expires)
		}
		db.isNobody(f, cookie, now.Add(30*24*time.Hour), format.ErrExpired)
		db.isNobody(f, hash, now, format.ErrUnknown)
		db.exec(`UPDATE user_auth_token SET revoked_at = 5`)
		db.isNobody(f, cookie, now, format.ErrInactive)
		db.exec(`UPDATE user_auth_token SET revoked_at = NULL`)
		db.is(f, cookie, now, "1")
		db.exec(`UPDATE "user" SET is_disabled = ?`, true)
		db.isNobody(f, cookie, now, format.ErrInactive)
		if first.Key.ID() == first.ID {
			t.Error("the public id comes from the cookie")
		}
	})
}

func TestSpring(t *testing.T) {
	tree := vectors(t, "spring-session-jdbc")
	now := time.Unix(1795397178, 0)
	cookie := text(t, tree, "cookie_value")
	onEach(t, func(t *testing.T, db *testdb) {
		name := by(db.dialect, strings.ToUpper, strings.ToLower, strings.ToUpper)
		db.exec(`CREATE TABLE ` + name("spring_session") + ` (PRIMARY_ID CHAR(36) PRIMARY KEY, SESSION_ID CHAR(36) NOT NULL UNIQUE, CREATION_TIME BIGINT, LAST_ACCESS_TIME BIGINT, MAX_INACTIVE_INTERVAL INT, EXPIRY_TIME BIGINT, PRINCIPAL_NAME VARCHAR(100))`)
		row := at(t, tree, "row")
		db.exec(`INSERT INTO `+name("spring_session")+` VALUES (?, ?, ?, ?, 1800, ?, ?)`, text(t, row, "PRIMARY_ID"), text(t, row, "SESSION_ID"), now.UnixMilli(), now.UnixMilli(), at(t, row, "EXPIRY_TIME"), text(t, row, "PRINCIPAL_NAME"))
		f := db.open(format.Options{Name: "spring"})
		if f.Tries() != 3 {
			t.Error("Spring reads several cookies of one name")
		}
		db.is(f, cookie, now, "alice")
		db.isNobody(f, cookie, time.UnixMilli(4070908800000), format.ErrExpired)
		db.isNobody(f, text(t, row, "SESSION_ID"), now, format.ErrMalformed)
		db.isNobody(f, strings.ToLower(cookie), now, format.ErrMalformed)
		db.exec(`UPDATE ` + name("spring_session") + ` SET EXPIRY_TIME = 9223372036854775807`)
		db.is(f, cookie, now.AddDate(100, 0, 0), "alice")
		db.exec(`UPDATE ` + name("spring_session") + ` SET PRINCIPAL_NAME = NULL`)
		db.isNobody(f, cookie, now, format.ErrAnonymous)
	})
}

func TestSCS(t *testing.T) {
	tree := vectors(t, "scs-hash-false")
	end, err := time.Parse(time.RFC3339Nano, text(t, tree, "row.expiry_rfc3339"))
	if err != nil {
		t.Fatal(err)
	}
	cookie := text(t, tree, "cookie_value")
	onEach(t, func(t *testing.T, db *testdb) {
		db.exec(`CREATE TABLE sessions (token varchar(43) PRIMARY KEY, data {blob} NOT NULL, expiry ` + by(db.dialect, "real", "timestamptz", "timestamp(6) null") + `)`)
		var stored any = end
		switch db.dialect {
		case sqltext.SQLite:
			stored = float64(end.UnixMilli())/86400e3 + 2440587.5
		case sqltext.MySQL:
			stored = end.UTC().Format("2006-01-02 15:04:05.000000")
		}
		db.exec(`INSERT INTO sessions VALUES (?, ?, ?)`, cookie, unbase64At(t, tree, "row.data_base64"), stored)
		f := db.open(format.Options{Name: "scs", Claims: map[string]string{"email": "Values.email"}})
		db.is(f, cookie, end.Add(-time.Minute), "42", "email=alice@example.com")
		db.isNobody(f, cookie, end.Add(time.Second), format.ErrExpired)
		db.isNobody(db.open(format.Options{Name: "scs", Variant: "hashed"}), cookie, end.Add(-time.Minute), format.ErrUnknown)
		db.exec(`UPDATE sessions SET data = ?`, unbase64At(t, vectors(t, "scs-custom-type"), "data_base64"))
		s, err := db.find(f, cookie, end.Add(-time.Minute))
		if err == nil && s.User != "42" || err != nil && reasonOf(err) == "" {
			t.Errorf("%v, %v", s, err)
		}
	})
}
