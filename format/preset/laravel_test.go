package preset

import (
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/payload"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

var inLaravelDays = time.Unix(1795396325, 0).Add(time.Hour)

func laravelDB(db *testdb) {
	db.exec(`CREATE TABLE users (id bigint PRIMARY KEY, name varchar(255), email varchar(255))`)
	db.exec(`CREATE TABLE sessions (id varchar(255) PRIMARY KEY, user_id bigint, payload {longtext} NOT NULL, last_activity integer NOT NULL)`)
	db.exec(`INSERT INTO users VALUES (7, 'Alice', 'alice@example.com')`)
}

func TestLaravel(t *testing.T) {
	onEach(t, func(t *testing.T, db *testdb) {
		laravelDB(db)
		for _, c := range list(t, vectors(t, "laravel-13"), "cases") {
			t.Log(text(t, c, "name"))
			db.exec(`DELETE FROM sessions`)
			user, _ := payload.Find(c, "row.user_id")
			db.exec(`INSERT INTO sessions VALUES (?, ?, ?, ?)`, text(t, c, "row.id"), user, text(t, c, "row.payload"), at(t, c, "row.last_activity"))
			secrets := []string{text(t, c, "app_key")}
			if previous := optional(c, "previous_key"); previous != "" {
				secrets = append(secrets, previous)
			}
			if keys, ok := payload.Find(c, "app_previous_keys"); ok {
				more, _ := payload.ListOf(keys)
				secrets = append(secrets, more...)
			}
			f := db.open(format.Options{Name: "laravel", Secret: secrets, Cookie: text(t, c, "cookie_name")})
			cookie := text(t, c, "cookie_value_raw_on_wire")
			if expected, _ := payload.Find(c, "expect"); expected == nil {
				if _, err := db.find(f, cookie, inLaravelDays); reasonOf(err) == "" {
					t.Errorf("%s: %v; want nobody", text(t, c, "name"), err)
				}
				continue
			}
			db.is(f, cookie, inLaravelDays, text(t, c, "expect.user_id"), "email="+text(t, c, "expect.email"), "name=Alice")
			db.isNobody(f, cookie, time.Unix(1795396325, 0).Add(2*time.Hour), format.ErrExpired)
			db.isNobody(f, "A"+cookie[1:], inLaravelDays, format.ErrMalformed)
			other := db.open(format.Options{Name: "laravel", Secret: []string{"base64:" + strings.Repeat("AAAA", 10) + "AAA="}, Cookie: text(t, c, "cookie_name")})
			db.isNobody(other, cookie, inLaravelDays, format.ErrMalformed)
			renamed := db.open(format.Options{Name: "laravel", Secret: secrets, Cookie: "another-cookie"})
			db.isNobody(renamed, cookie, inLaravelDays, format.ErrMalformed) // encrypted for a cookie of another name
		}
	})
}

// A guard besides the default one has its user in the payload only.
func TestLaravelUserOfAnotherGuard(t *testing.T) {
	tree := vectors(t, "laravel-13")
	onEach(t, func(t *testing.T, db *testdb) {
		laravelDB(db)
		for _, c := range list(t, tree, "cases") {
			name := text(t, c, "name")
			codec := map[string]string{"default-cbc-php": "base64_php", "encrypted-payload": "laravel_encrypted"}[name]
			if codec == "" {
				continue
			}
			db.exec(`INSERT INTO sessions VALUES (?, NULL, ?, ?)`, text(t, c, "row.id"), text(t, c, "row.payload"), at(t, c, "row.last_activity"))
			f := db.open(format.Options{
				Name: "laravel", Secret: []string{text(t, c, "app_key")}, Codec: codec,
				User:    []string{text(t, tree, "login_session_key")},
				Columns: map[string]string{"user_id": "off"},
			})
			db.is(f, text(t, c, "cookie_value_raw_on_wire"), inLaravelDays, "7", "email=alice@example.com")
		}
	}, sqltext.SQLite)
}
