package preset

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/payload"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

func TestAuthjs(t *testing.T) {
	c := list(t, vectors(t, "authjs"), "cases")[0]
	row := list(t, c, "rows")[0]
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	cookie := text(t, c, "cookie_value_raw_on_wire")
	check := func(db *testdb, variant string) {
		f := db.open(format.Options{Name: "authjs", Variant: variant})
		db.is(f, cookie, now, text(t, c, "expect.user_id"), "email="+text(t, c, "expect.email"), "name=Alice")
		db.isNobody(f, cookie, now.AddDate(0, 1, 0), format.ErrExpired)
		db.isNobody(f, "39b51a53-87e1-4e48-92d7-a0b5a4abc99d", now, format.ErrUnknown)
		db.isNobody(f, "eyJhbGciOiJkaXIifQ..aaaa.bbbb.cccc", now, format.ErrMalformed) // the strategy jwt
		db.isNobody(f, "39B51A53-87E1-4E48-92D7-A0B5A4ABC99C", now, format.ErrUnknown)
	}
	onEach(t, func(t *testing.T, db *testdb) {
		db.exec(`CREATE TABLE users (id integer PRIMARY KEY, name varchar(255), email varchar(255))`)
		db.exec(`INSERT INTO users VALUES (1, 'Alice', 'alice@example.com')`)
		db.exec(`CREATE TABLE sessions (id integer PRIMARY KEY, "userId" integer NOT NULL, expires {timestamptz}, "sessionToken" varchar(255) NOT NULL)`)
		db.exec(`INSERT INTO sessions VALUES (1, 1, ?, ?)`, dbTime(db, text(t, row, "expires")), cookie)
		check(db, "pg")
		check(db, "typeorm")
		end := instant(db, text(t, row, "expires"))
		var wall any = end.UTC().Format("2006-01-02 15:04:05.000")
		if db.dialect == sqltext.SQLite {
			wall = end.UnixMilli()
		}
		for _, v := range []struct{ variant, sessions, users, kind string }{{"prisma", "Session", "User", "{datetime}"}, {"drizzle", "session", "user", "{stamp}"}} {
			db.exec(`CREATE TABLE "` + v.users + `" (id varchar(64) PRIMARY KEY, name varchar(255), email varchar(255))`)
			db.exec(`INSERT INTO "` + v.users + `" VALUES ('1', 'Alice', 'alice@example.com')`)
			db.exec(`CREATE TABLE "` + v.sessions + `" ("sessionToken" varchar(255) UNIQUE, "userId" varchar(64), expires ` + v.kind + `)`)
			db.exec(`INSERT INTO "`+v.sessions+`" VALUES (?, '1', ?)`, cookie, wall)
			check(db, v.variant)
			db.exec(`DROP TABLE "` + v.sessions + `"`)
			db.exec(`DROP TABLE "` + v.users + `"`)
		}
	})
}

// dbTime takes the zone off where a database has none.
func dbTime(db *testdb, text string) string {
	if db.dialect == sqltext.Postgres {
		return text
	}
	return instant(db, text).UTC().Format("2006-01-02 15:04:05.000")
}

// instant reads a time as the vectors write it.
func instant(db *testdb, text string) time.Time {
	db.Helper()
	for _, layout := range []string{"2006-01-02 15:04:05.999-07", time.RFC3339Nano} {
		if t, err := time.Parse(layout, text); err == nil {
			return t
		}
	}
	db.Fatalf("%q is no time", text)
	return time.Time{}
}

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

// Of Lucia there are patterns, not programs; the cookies follow from them.
func TestLucia(t *testing.T) {
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	const token = "abcdefghijklmnopqrstuvwxyz234567"
	hash := sha256.Sum256([]byte(token))
	onEach(t, func(t *testing.T, db *testdb) {
		var end any = now.Add(time.Hour).Format("2006-01-02 15:04:05Z07:00")
		if db.dialect == sqltext.SQLite {
			end = now.Add(time.Hour).Unix()
		}
		if db.dialect == sqltext.MySQL {
			end = now.Add(time.Hour).Format("2006-01-02 15:04:05")
		}
		db.exec(`CREATE TABLE user_session (id varchar(255) PRIMARY KEY, user_id varchar(64), expires_at ` + by(db.dialect, "integer", "timestamptz", "datetime") + `)`)
		db.exec(`INSERT INTO user_session VALUES (?, 'u1', ?), (?, 'u2', ?)`, token, end, hex.EncodeToString(hash[:]), end)
		raw, hashed := db.open(format.Options{Name: "lucia"}), db.open(format.Options{Name: "lucia", Variant: "sha256"})
		db.is(raw, token, now, "u1")
		db.is(hashed, token, now, "u2")
		db.isNobody(hashed, hex.EncodeToString(hash[:]), now, format.ErrUnknown) // what the table holds is no cookie
		db.isNobody(raw, token, now.Add(time.Hour), format.ErrExpired)

		db.exec(`CREATE TABLE "session" (id varchar(64) PRIMARY KEY, user_id integer, secret_hash {blob}, created_at bigint)`)
		db.exec(`INSERT INTO "session" VALUES ('one', 5, ?, ?)`, hash[:], now.Unix())
		halves := db.open(format.Options{Name: "lucia", Variant: "secret"})
		db.is(halves, "one."+token, now.Add(time.Hour), "5")
		db.isNobody(halves, "one."+token, now.Add(24*time.Hour), format.ErrExpired)
		db.isNobody(halves, "one.wrong", now, format.ErrUnknown)
		db.isNobody(halves, "two."+token, now, format.ErrUnknown)
		db.isNobody(halves, "one", now, format.ErrMalformed)
		inBytes := db.open(format.Options{Name: "lucia", Variant: "secret", Token: []string{"split sha256_base64"}})
		db.is(inBytes, "one."+base64.StdEncoding.EncodeToString([]byte(token)), now, "5")
		db.isNobody(inBytes, "one."+token, now, format.ErrUnknown)
	})
}
