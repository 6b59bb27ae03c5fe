package preset

import (
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
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
