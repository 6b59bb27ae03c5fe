package preset

import (
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/payload"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

func TestBetterAuth(t *testing.T) {
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	for _, made := range vectors(t, "better-auth").([]any) {
		on := map[string]sqltext.Dialect{"postgres": sqltext.Postgres, "sqlite": sqltext.SQLite, "mysql": sqltext.MySQL, "mariadb": sqltext.MySQL}[text(t, made, "db")]
		onEach(t, func(t *testing.T, db *testdb) {
			kind := by(db.dialect, "date", "timestamptz", "timestamp(3) null")
			db.exec(`CREATE TABLE "user" (id varchar(36) PRIMARY KEY, name varchar(255) NOT NULL, email varchar(255) NOT NULL)`)
			db.exec(`CREATE TABLE "session" (id varchar(36) PRIMARY KEY, "expiresAt" ` + kind + `, token varchar(255) UNIQUE, "createdAt" ` + kind + `, "userId" varchar(36))`)
			f := db.open(format.Options{Name: "better_auth", Secret: []string{"a new secret", text(t, made, "secret")}, Cookie: text(t, made, "cookie_name")})
			for _, c := range list(t, made, "cases") {
				cookie := text(t, c, "cookie_value_raw_on_wire")
				if expect, _ := payload.Find(c, "expect"); expect == nil {
					db.isNobody(f, cookie, now, format.ErrMalformed)
					continue
				}
				row := list(t, c, "rows")[0]
				expires := text(t, row, "expiresAt")
				if db.dialect == sqltext.MySQL {
					expires = dbTime(db, expires)
				}
				db.exec(`INSERT INTO "user" VALUES (?, ?, ?)`, text(t, row, "userId"), text(t, row, "name"), text(t, row, "email"))
				db.exec(`INSERT INTO "session" VALUES (?, ?, ?, ?, ?)`, text(t, row, "id"), expires, text(t, row, "token"), expires, text(t, row, "userId"))
				db.is(f, cookie, now, text(t, c, "expect.user_id"), "email="+text(t, c, "expect.email"), "name=Alice Ä")
				db.isNobody(f, cookie, now.AddDate(0, 0, 7), format.ErrExpired)
				db.isNobody(f, text(t, c, "token"), now, format.ErrMalformed)
			}
		}, on)
	}
}
