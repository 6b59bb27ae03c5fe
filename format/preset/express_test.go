package preset

import (
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/payload"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

var inExpressDays = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

// expressTable is the table that a store makes, and the dialects that have it.
type expressTable struct {
	framework, variant, ddl string
	columns                 []string
	on                      sqltext.Dialect
}

var expressTables = []expressTable{
	{"connect-pg-simple@10.0.0", "connect_pg_simple", `CREATE TABLE "session" (sid varchar PRIMARY KEY, sess json NOT NULL, expire timestamp(6) NOT NULL)`, []string{"sid", "sess", "expire"}, sqltext.Postgres},
	{"connect-session-knex@5 (pg)", "knex", `CREATE TABLE sessions (sid varchar(255) PRIMARY KEY, sess json NOT NULL, expired timestamptz NOT NULL)`, []string{"sid", "sess", "expired"}, sqltext.Postgres},
	{"express-mysql-session@3 (mariadb)", "express_mysql_session", `CREATE TABLE sessions (session_id varchar(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PRIMARY KEY, expires int unsigned NOT NULL, data mediumtext)`, []string{"session_id", "data", "expires"}, sqltext.MySQL},
	{"better-sqlite3-session-store@0.1.0", "better_sqlite3", `CREATE TABLE sessions (sid TEXT PRIMARY KEY, sess JSON NOT NULL, expire TEXT NOT NULL)`, []string{"sid", "sess", "expire"}, sqltext.SQLite},
}

func TestExpress(t *testing.T) {
	done := 0
	for _, stored := range list(t, vectors(t, "express-session"), "stores") {
		for _, table := range expressTables {
			if table.framework == text(t, stored, "framework") {
				done++
				t.Run(table.variant, func(t *testing.T) {
					onEach(t, func(t *testing.T, db *testdb) { testExpressStore(t, db, table, stored) }, table.on)
				})
			}
		}
	}
	if all := len(list(t, vectors(t, "express-session"), "stores")); done != all {
		t.Errorf("%d of %d stores are tested", done, all)
	}
}

func testExpressStore(t *testing.T, db *testdb, table expressTable, stored any) {
	db.exec(table.ddl)
	secrets := texts(t, stored, "secrets")
	f := db.open(format.Options{Name: "express", Variant: table.variant, Secret: secrets, Cookie: text(t, stored, "cookie_name")})
	for _, c := range list(t, stored, "cases") {
		if row, ok := payload.Find(c, "row"); ok {
			insertExpress(t, db, table, row)
		}
	}
	for _, c := range list(t, stored, "cases") {
		name, cookie := text(t, c, "name"), text(t, c, "cookie_value_raw_on_wire")
		t.Log(name)
		if expect, _ := payload.Find(c, "expect"); expect != nil {
			s := db.is(f, cookie, inExpressDays, text(t, c, "expect.user_id"))
			if d := s.Expires.Sub(time.Date(2026, 11, 24, 1, 17, 28, 0, time.UTC)).Abs(); d > time.Minute {
				t.Errorf("%s: it ends at %v", name, s.Expires)
			}
			db.isNobody(f, cookie, inExpressDays.AddDate(0, 0, 2), format.ErrExpired)
			continue
		}
		want := format.ErrMalformed
		if name == "anonymous" {
			want = format.ErrAnonymous
		}
		db.isNobody(f, cookie, inExpressDays, want)
	}
	good := text(t, list(t, stored, "cases")[0], "cookie_value_raw_on_wire")
	withMail := db.open(format.Options{Name: "express", Variant: table.variant, InsecureUnsigned: true, User: []string{"userId"}, Claims: map[string]string{"email": "user.email", "name": "user.name"}})
	db.is(withMail, good, inExpressDays, "42", "email=alice@example.com", "name=Zoë")
}

func insertExpress(t *testing.T, db *testdb, table expressTable, row any) {
	t.Helper()
	args := make([]any, len(table.columns))
	for i, column := range table.columns {
		args[i] = at(t, row, column)
		if s, ok := args[i].(string); ok && column == table.columns[2] && db.dialect == sqltext.MySQL {
			args[i] = strings.TrimSuffix(s, "+00")
		}
	}
	db.exec(`INSERT INTO "`+tableOf(table.ddl)+`" ("`+strings.Join(table.columns, `", "`)+`") VALUES (?, ?, ?)`, args...)
}

func tableOf(ddl string) string { return strings.Trim(strings.Fields(ddl)[2], `"`) }

// Of the stores that no vector is of, the tables are as their sources make them.
func TestExpressOtherStores(t *testing.T) {
	stored := list(t, vectors(t, "express-session"), "stores")[0]
	login := list(t, stored, "cases")[0]
	sid, sess, cookie := text(t, login, "row.sid"), text(t, login, "row.sess"), text(t, login, "cookie_value_raw_on_wire")
	end := time.Date(2026, 11, 24, 1, 17, 26, 0, time.UTC)
	onEach(t, func(t *testing.T, db *testdb) {
		check := func(variant string) *format.Foreign {
			f := db.open(format.Options{Name: "express", Variant: variant, Secret: texts(t, stored, "secrets")})
			db.is(f, cookie, end.Add(-time.Second), "42")
			db.isNobody(f, cookie, end, format.ErrExpired)
			return f
		}
		db.exec(`CREATE TABLE "Session" (id varchar(64) PRIMARY KEY, sid varchar(255) UNIQUE, data {longtext}, "expiresAt" {datetime})`)
		var prisma any = end.Format("2006-01-02 15:04:05")
		if db.dialect == sqltext.SQLite {
			prisma = end.UnixMilli()
		}
		db.exec(`INSERT INTO "Session" VALUES ('c1', ?, ?, ?)`, sid, sess, prisma)
		check("prisma")
		db.exec(`DROP TABLE "Session"`)

		db.exec(`CREATE TABLE "session" (id varchar(255) PRIMARY KEY, json {longtext}, "expiredAt" bigint, "destroyedAt" {datetime} NULL)`)
		db.exec(`INSERT INTO "session" VALUES (?, ?, ?, NULL)`, sid, sess, end.UnixMilli())
		f := check("typeorm")
		db.exec(`UPDATE "session" SET "destroyedAt" = '2026-11-23 01:30:00'`)
		db.isNobody(f, cookie, inExpressDays, format.ErrInactive)

		// Sequelize writes its own form of a time into SQLite, knex that of JSON.
		wall := end.Format("2006-01-02 15:04:05.000")
		stamp := by(db.dialect, wall+" +00:00", wall+"+00", wall)
		db.exec(`CREATE TABLE "Sessions" (sid varchar(36) PRIMARY KEY, expires {moment}, data {longtext})`)
		db.exec(`INSERT INTO "Sessions" VALUES (?, ?, ?)`, sid, stamp, sess)
		check("sequelize")
		db.exec(`DROP TABLE "Sessions"`)

		stamp = by(db.dialect, end.Format("2006-01-02T15:04:05.000Z"), wall+"+00", wall)
		db.exec(`CREATE TABLE sessions (sid varchar(255) PRIMARY KEY, sess {json}, expired {moment})`)
		db.exec(`INSERT INTO sessions VALUES (?, ?, ?)`, sid, sess, stamp)
		check("knex")
		db.exec(`DROP TABLE sessions`)

		if db.dialect == sqltext.SQLite {
			db.exec(`CREATE TABLE sessions (sid PRIMARY KEY, expired, sess)`)
			db.exec(`INSERT INTO sessions VALUES (?, ?, ?)`, sid, float64(end.UnixMilli()), sess)
			check("connect_sqlite3")
		}
	})
}
