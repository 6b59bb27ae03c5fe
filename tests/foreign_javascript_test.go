//go:build unix

package tests

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"
)

// expressStore is where a store for express-session keeps its rows.
type expressStore struct {
	framework, variant, kind, table, ddl string
	columns                              [3]string // key, payload, end
	end                                  func(programDB, time.Time) any
}

var expressStores = []expressStore{
	{
		"connect-pg-simple@10.0.0", "", "postgres", "session",
		"(sid varchar PRIMARY KEY, sess json NOT NULL, expire timestamp(6) NOT NULL)",
		[3]string{"sid", "sess", "expire"},
		// The wall clock of the database's sessions.
		func(db programDB, end time.Time) any {
			var text string
			if err := db.db.QueryRow("SELECT CAST(CAST($1 AS timestamptz) AS timestamp)::text", db.moment(end)).Scan(&text); err != nil {
				db.t.Fatal(err)
			}
			return text
		},
	},
	{
		"connect-session-knex@5 (pg)", "knex", "postgres", "sessions",
		"(sid varchar(255) PRIMARY KEY, sess json NOT NULL, expired timestamptz NOT NULL)",
		[3]string{"sid", "sess", "expired"},
		towerMoment,
	},
	{
		"express-mysql-session@3 (mariadb)", "express_mysql_session", "mysql", "sessions",
		"(session_id varchar(128) COLLATE utf8mb4_bin PRIMARY KEY, expires int unsigned NOT NULL, data mediumtext)",
		[3]string{"session_id", "data", "expires"},
		towerSeconds,
	},
	{
		"better-sqlite3-session-store@0.1.0", "", "sqlite", "sessions",
		"(sid TEXT PRIMARY KEY, sess JSON NOT NULL, expire TEXT NOT NULL)",
		[3]string{"sid", "sess", "expire"},
		func(_ programDB, end time.Time) any { return end.UTC().Format("2006-01-02T15:04:05.000Z") },
	},
}

func TestForeignExpress(t *testing.T) {
	for _, stored := range at(t, vector(t, "express-session"), "stores").([]any) {
		found := false
		for _, s := range expressStores {
			if s.framework == wordAt(t, stored, "framework") {
				found = true
				t.Run(s.framework, func(t *testing.T) { s.program(t, stored).test(t) })
			}
		}
		if !found {
			t.Errorf("%s has no test", wordAt(t, stored, "framework"))
		}
	}
}

func (x expressStore) program(t *testing.T, stored any) program {
	cases := at(t, stored, "cases").([]any)
	value := func(name string) string { return wordAt(t, named(t, cases, name), "cookie_value_raw_on_wire") }
	who := identity{user: "42", email: "alice@example.com", name: "Zoë"}
	insert := func(db programDB, key, payload string, end time.Time) {
		db.exec("INSERT INTO "+x.table+" ("+strings.Join(x.columns[:], ", ")+") VALUES (?, ?, ?)", key, payload, x.end(db, end))
	}
	p := program{
		on:     freshDB[x.kind],
		tables: []string{"CREATE TABLE " + x.table + " " + x.ddl},
		realm:  "format express {\n secret {secret1} {secret2}\n claims {\n email user.email\n name user.name\n }\n",
		fill: func(db programDB) {
			for _, name := range []string{"login", "anonymous"} {
				row := at(t, named(t, cases, name), "row")
				insert(db, wordAt(t, row, x.columns[0]), wordAt(t, row, x.columns[1]), in(time.Hour))
			}
		},
		secrets: wordsAt(t, stored, "secrets"),
		cookie:  wordAt(t, stored, "cookie_name"),
		good:    map[string]identity{value("login"): who, value("rotated-secret"): who},
		first:   value("login"),
		bad: map[string]string{
			value("wrong-secret"): "malformed",
			value("unsigned-sid"): "malformed",
			value("anonymous"):    "anonymous",
			"j%3A%7B%7D":          "malformed",
		},
		otherSecrets: []string{"another secret", "and another"}, wrongSecret: "malformed",
	}
	if x.variant != "" {
		p.realm += "variant " + x.variant + "\n"
	}
	p.realm += "}"
	ended := map[string]any{"connect-pg-simple@10.0.0": "2026-01-01 00:00:00", "connect-session-knex@5 (pg)": "2026-01-01 00:00:00+00", "express-mysql-session@3 (mariadb)": 1767225600, "better-sqlite3-session-store@0.1.0": "2026-01-01T00:00:00.000Z"}[x.framework]
	p.changes = []change{
		{"the session ends", "UPDATE " + x.table + " SET " + x.columns[2] + " = ?", []any{ended}, "expired"},
		{"the user logs out of the session", "UPDATE " + x.table + " SET " + x.columns[1] + " = ?", []any{`{"cookie":{},"passport":{}}`}, "anonymous"},
	}
	return p
}

// Express with a table of users: a second query, by the id in the payload.
func TestForeignExpressWithUsers(t *testing.T) {
	onEach(t, func(t *testing.T, kind string) program {
		stored := at(t, vector(t, "express-session"), "stores").([]any)[0]
		login := named(t, at(t, stored, "cases"), "login")
		value := wordAt(t, login, "cookie_value_raw_on_wire")
		key := map[string]string{"mysql": "`Sessions`", "sqlite": `"Sessions"`, "postgres": `"Sessions"`}[kind]
		return program{
			on: freshDB[kind],
			tables: []string{
				"CREATE TABLE " + key + " (sid varchar(36) PRIMARY KEY, expires " + instant[kind] + ", data " + longText[kind] + ")",
				"CREATE TABLE people (no integer PRIMARY KEY, mail varchar(100), enabled bool)",
			},
			fill: func(db programDB) {
				db.exec("INSERT INTO "+key+" VALUES (?, ?, ?)", wordAt(t, login, "row.sid"), db.moment(in(time.Hour)), wordAt(t, login, "row.sess"))
				db.exec("INSERT INTO people VALUES (42, 'alice@example.com', ?), (4, 'eve@example.com', ?)", true, true)
			},
			realm: `format express {
				variant sequelize
				secret  {secret1}
				user    passport.user
				users people {
					key      no
					key_type int
					email    mail
					active   enabled
				}
			}`,
			secrets: wordsAt(t, stored, "secrets")[:1],
			cookie:  "connect.sid",
			good:    map[string]identity{value: {user: "42", email: "alice@example.com"}},
			first:   value,
			changes: []change{
				{"alice is deactivated", "UPDATE people SET enabled = ? WHERE no = 42", []any{false}, "inactive"},
				{"alice is deleted", "DELETE FROM people WHERE no = 42", nil, "inactive"},
				{"the session's user is no number", "UPDATE " + key + " SET data = ?", []any{`{"passport":{"user":"42 OR 1=1"}}`}, "undecodable"},
			},
		}
	}, "sqlite", "postgres", "mysql")
}

func TestForeignAuthjs(t *testing.T) {
	c := at(t, vector(t, "authjs"), "cases").([]any)[0]
	value := wordAt(t, c, "cookie_value_raw_on_wire")
	for _, v := range []struct{ variant, kind, sessions, users, end string }{
		{"pg", "postgres", "sessions", "users", "timestamptz"},
		{"typeorm", "mysql", "sessions", "users", "datetime"},
		{"prisma", "sqlite", `"Session"`, `"User"`, "datetime"},
		{"prisma", "mysql", "`Session`", "`User`", "datetime(3)"},
		{"drizzle", "postgres", `"session"`, `"user"`, "timestamp"},
		{"drizzle", "sqlite", `"session"`, `"user"`, "integer"},
		{"drizzle", "mysql", "`session`", "`user`", "timestamp(3) null"},
	} {
		t.Run(v.variant+" "+v.kind, func(t *testing.T) {
			names := strings.NewReplacer("[", `"`, "]", `"`)
			if v.kind == "mysql" {
				names = strings.NewReplacer("[", "`", "]", "`")
			}
			program{
				on: freshDB[v.kind],
				tables: []string{
					"CREATE TABLE " + v.sessions + names.Replace(" (id integer PRIMARY KEY, [userId] varchar(64) NOT NULL, expires ") + v.end + names.Replace(", [sessionToken] varchar(255) NOT NULL UNIQUE)"),
					"CREATE TABLE " + v.users + " (id varchar(64) PRIMARY KEY, name varchar(255), email varchar(255))",
				},
				fill: func(db programDB) {
					var end any = db.moment(in(time.Hour))
					if v.end == "timestamp" {
						end = in(time.Hour).UTC().Format("2006-01-02 15:04:05.000")
					}
					if v.kind == "sqlite" {
						end = in(time.Hour).UnixMilli()
					}
					db.exec("INSERT INTO "+v.sessions+" VALUES (1, ?, ?, ?)", wordAt(t, c, "expect.user_id"), end, value)
					db.exec("INSERT INTO " + v.users + " VALUES ('1', 'Alice', 'alice@example.com')")
				},
				realm:  "format authjs {\n variant " + v.variant + "\n}",
				cookie: wordAt(t, c, "cookie_name"),
				good:   map[string]identity{value: {user: "1", email: wordAt(t, c, "expect.email"), name: "Alice"}},
				first:  value,
				bad: map[string]string{
					"39b51a53-87e1-4e48-92d7-a0b5a4abc99d": "unknown",
					"eyJhbGciOiJkaXIifQ..aaaa.bbbb.cccc":   "malformed",
				},
				changes: []change{
					{"the session ends", "UPDATE " + v.sessions + " SET expires = ?", []any{map[bool]any{true: 1767225600000, false: "2026-01-01 00:00:00"}[v.kind == "sqlite"]}, "expired"},
					{"alice is deleted", "DELETE FROM " + v.users, nil, "inactive"},
				},
			}.test(t)
		})
	}
}

func TestForeignBetterAuth(t *testing.T) {
	for _, made := range vector(t, "better-auth").([]any) {
		kind := wordAt(t, made, "db")
		t.Run(kind, func(t *testing.T) {
			signup := named(t, at(t, made, "cases"), "signup")
			row := at(t, signup, "rows").([]any)[0]
			value := wordAt(t, signup, "cookie_value_raw_on_wire")
			end := map[string]string{"sqlite": "date", "postgres": "timestamptz"}[kind]
			program{
				on: freshDB[kind],
				tables: []string{
					`CREATE TABLE "session" (id varchar(36) PRIMARY KEY, "expiresAt" ` + end + `, token varchar(255) UNIQUE, "createdAt" ` + end + `, "userId" varchar(36))`,
					`CREATE TABLE "user" (id varchar(36) PRIMARY KEY, name varchar(255) NOT NULL, email varchar(255) NOT NULL)`,
				},
				fill: func(db programDB) {
					stamp := func(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }
					db.exec(`INSERT INTO "session" VALUES (?, ?, ?, ?, ?)`, wordAt(t, row, "id"), stamp(in(time.Hour)), wordAt(t, row, "token"), stamp(in(-time.Hour)), wordAt(t, row, "userId"))
					db.exec(`INSERT INTO "user" VALUES (?, ?, ?)`, wordAt(t, row, "userId"), wordAt(t, row, "name"), wordAt(t, row, "email"))
				},
				realm:   "format better_auth {\n secret {secret1}\n secret {secret2}\n}\ncookie " + wordAt(t, made, "cookie_name"),
				secrets: []string{"a secret that is newer", wordAt(t, made, "secret")},
				cookie:  wordAt(t, made, "cookie_name"),
				good:    map[string]identity{value: {user: wordAt(t, signup, "expect.user_id"), email: "alice@example.com", name: "Alice Ä"}},
				first:   value,
				bad: map[string]string{
					wordAt(t, named(t, at(t, made, "cases"), "bad-signature"), "cookie_value_raw_on_wire"): "malformed",
					wordAt(t, signup, "token"): "malformed",
				},
				changes: []change{
					{"the session ends", `UPDATE "session" SET "expiresAt" = '2026-01-01T00:00:00.000Z'`, nil, "expired"},
					{"alice is deleted", `DELETE FROM "user"`, nil, "inactive"},
				},
				otherSecrets: []string{"a secret that is newer", "and one of another program"}, wrongSecret: "malformed",
			}.test(t)
		})
	}
}

// Of Lucia there are patterns that people copy, and no program: its rows and
// cookies follow from them.
func TestForeignLucia(t *testing.T) {
	const token = "abcdefghijklmnopqrstuvwxyz234567"
	hash := sha256.Sum256([]byte(token))
	for _, v := range []struct{ variant, kind, key string }{{"raw", "sqlite", token}, {"sha256", "postgres", hex.EncodeToString(hash[:])}, {"raw", "mysql", token}} {
		t.Run(v.variant+" "+v.kind, func(t *testing.T) {
			end := func(db programDB, at time.Time) any { return db.moment(at) }
			if v.kind == "sqlite" {
				end = towerSeconds
			}
			p := program{
				on:     freshDB[v.kind],
				tables: []string{"CREATE TABLE user_session (id varchar(255) PRIMARY KEY, user_id varchar(64), expires_at " + map[string]string{"sqlite": "integer", "postgres": "timestamptz", "mysql": "datetime"}[v.kind] + ")"},
				fill: func(db programDB) {
					db.exec("INSERT INTO user_session VALUES (?, 'u1', ?)", v.key, end(db, in(time.Hour)))
				},
				realm:   "format lucia {\n variant " + v.variant + "\n}",
				cookie:  map[string]string{"raw": "auth_session", "sha256": "session"}[v.variant],
				good:    map[string]identity{token: {user: "u1"}},
				first:   token,
				bad:     map[string]string{strings.Repeat("a", 32): "unknown", "short": "malformed"},
				changes: []change{{"the session ends", "UPDATE user_session SET expires_at = ?", []any{map[bool]any{true: 1767225600, false: "2026-01-01 00:00:00"}[v.kind == "sqlite"]}, "expired"}},
			}
			if v.variant == "sha256" {
				p.bad[v.key] = "unknown" // what the table holds is no cookie
			}
			p.test(t)
		})
	}
}

func TestForeignLuciaSecret(t *testing.T) {
	onEach(t, func(t *testing.T, kind string) program {
		const secret = "abcdefghijklmnopqrstuvwxyz234567"
		hash := sha256.Sum256([]byte(secret))
		table := map[string]string{"sqlite": `"session"`, "postgres": `"session"`, "mysql": "`session`"}[kind]
		return program{
			on:     freshDB[kind],
			tables: []string{"CREATE TABLE " + table + " (id varchar(64) PRIMARY KEY, user_id integer, secret_hash " + blob[kind] + ", created_at bigint)"},
			fill: func(db programDB) {
				db.exec("INSERT INTO "+table+" VALUES ('one', 5, ?, ?), ('two', 6, ?, ?)", hash[:], in(0).Unix(), []byte("no hash"), in(0).Unix())
			},
			realm:  "format lucia {\n variant secret\n}",
			cookie: "session_token",
			good:   map[string]identity{"one." + secret: {user: "5"}},
			first:  "one." + secret,
			bad:    map[string]string{"two." + secret: "unknown", "one.wrong": "unknown", "one": "malformed", "one.": "malformed", "." + secret: "malformed"},
			changes: []change{
				{"the session is too old", "UPDATE " + table + " SET created_at = ?", []any{in(-25 * time.Hour).Unix()}, "expired"},
				{"the secret is another", "UPDATE " + table + " SET secret_hash = ?", []any{hash[:31]}, "unknown"},
			},
		}
	}, "sqlite", "postgres", "mysql")
}
