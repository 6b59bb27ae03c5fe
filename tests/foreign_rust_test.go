//go:build unix

package tests

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// towerRows puts the rows of the vector into the table, alive for an hour: of
// what a row says about its end only the column counts.
func towerRows(t testing.TB, table string, stamp func(programDB, time.Time) any) func(programDB) {
	return func(db programDB) {
		for _, row := range at(t, vector(t, "tower"), "rows").([]any) {
			end := in(time.Hour)
			if wordAt(t, row, "name") == "empty" {
				end = in(-time.Second)
			}
			raw, err := hex.DecodeString(wordAt(t, row, "hex"))
			if err != nil {
				t.Fatal(err)
			}
			db.exec("INSERT INTO "+table+" (id, data, expiry_date) VALUES (?, ?, ?)", wordAt(t, row, "id"), raw, stamp(db, end))
		}
	}
}

// How sqlx writes times into SQLite, how rusqlite's store does, and the others.
func towerText(_ programDB, end time.Time) any    { return end.UTC().Format(time.RFC3339Nano) }
func towerSeconds(_ programDB, end time.Time) any { return end.Unix() }
func towerMoment(db programDB, end time.Time) any { return db.moment(end) }

const (
	towerUser      = "AAECAwQFBgcICQoLDA0ODw"
	towerAnonymous = "EBAQEBAQEBAQEBAQEBAQEA"
	towerInteger   = "ICAgICAgICAgICAgICAgIA"
	towerAxum      = "MDAwMDAwMDAwMDAwMDAwMA"
	towerEmpty     = "_____________________w"
)

// towerProgram is tower-sessions-sqlx-store.
func towerProgram(t *testing.T, kind string, stamp func(programDB, time.Time) any) program {
	p := program{
		on: freshDB[kind], realm: "format tower", cookie: "id",
		good:  map[string]identity{towerUser: {user: "user123"}, towerInteger: {user: "42"}},
		first: towerUser,
		bad: map[string]string{
			towerAnonymous:                         "anonymous",
			towerAxum:                              "anonymous",
			towerEmpty:                             "expired",
			"AAAAAAAAAAAAAAAAAAAAAA":               "unknown",
			"AAECAwQFBgcICQoLDA0ODx":               "malformed", // the same bytes to a lax decoder
			"00010203-0405-0607-0809-0a0b0c0d0e0f": "malformed",
		},
	}
	table := "tower_sessions"
	switch kind {
	case "sqlite":
		p.tables = []string{"CREATE TABLE tower_sessions (id text primary key not null, data blob not null, expiry_date integer not null)"}
	case "postgres":
		table = `"tower_sessions"."session"`
		p.tables = []string{`CREATE TABLE "tower_sessions"."session" (id text primary key not null, data bytea not null, expiry_date timestamptz not null)`}
	case "mysql":
		// The store's database is called tower_sessions; a test has one of its own.
		table = "session"
		p.realm = "format tower {\n schema off\n table session\n}"
		p.tables = []string{"CREATE TABLE session (id char(22) primary key not null, data blob not null, expiry_date timestamp(6) not null)"}
	}
	p.fill = towerRows(t, table, stamp)
	other := wordAt(t, named(t, at(t, vector(t, "tower"), "rows"), "integer user"), "hex")
	raw, _ := hex.DecodeString(other)
	ended := map[string]any{"postgres": "2026-01-01 00:00:00+00", "mysql": "2026-01-01 00:00:00"}[kind]
	if kind == "sqlite" {
		ended = stamp(programDB{}, in(-time.Second))
	}
	p.changes = []change{
		{"the session ends", "UPDATE " + table + " SET expiry_date = ?", []any{ended}, "expired"},
		{"the data is another session's", "UPDATE " + table + " SET data = ?", []any{raw}, "undecodable"},
		{"the data is cut off", "UPDATE " + table + " SET data = ?", []any{raw[:20]}, "undecodable"},
	}
	return p
}

func TestForeignTower(t *testing.T) {
	t.Run("sqlite, text", func(t *testing.T) { towerProgram(t, "sqlite", towerText).test(t) })
	t.Run("sqlite, integer", func(t *testing.T) { towerProgram(t, "sqlite", towerSeconds).test(t) })
	t.Run("postgres", func(t *testing.T) { towerProgram(t, "postgres", towerMoment).inSchema("tower_sessions").test(t) })
	t.Run("mysql", func(t *testing.T) { towerProgram(t, "mysql", towerMoment).test(t) })
}

// inSchema has a schema made before the tables.
func (p program) inSchema(schema string) program {
	on := p.on
	p.on = func(t testing.TB) string {
		url := on(t)
		execute(t, storetest.Open(t, url), "CREATE SCHEMA "+schema)
		return url
	}
	return p
}

func TestForeignTowerSignedAndPrivate(t *testing.T) {
	cookies := at(t, vector(t, "tower"), "cookies")
	for _, kind := range []string{"signed", "private"} {
		t.Run(kind, func(t *testing.T) {
			p := towerProgram(t, "sqlite", towerText)
			p.realm = "format tower {\n token tower_" + kind + "\n secret {secret1} {secret2}\n}"
			p.secrets = []string{"another secret of at least 32 bytes", "hex:" + wordAt(t, cookies, "key_hex")}
			p.first = wordAt(t, cookies, kind)
			p.good = map[string]identity{p.first: {user: "user123"}}
			p.bad = map[string]string{towerUser: "malformed", "A" + p.first[1:]: "malformed", towerInteger: "malformed"}
			p.otherSecrets, p.wrongSecret = []string{"another secret of at least 32 bytes", "hex:" + strings.Repeat("00", 64)}, "malformed"
			p.test(t)
		})
	}
}

func TestForeignTowerAxumLogin(t *testing.T) {
	p := towerProgram(t, "postgres", towerMoment).inSchema("tower_sessions")
	p.realm = "format tower {\n variant axum_login\n}"
	p.first, p.good = towerAxum, map[string]identity{towerAxum: {user: "42"}}
	p.bad = map[string]string{towerUser: "anonymous", towerInteger: "anonymous"}
	p.changes = p.changes[:1]
	p.test(t)
}

// bodhiProgram is BodhiApp, whose column user_id must let nobody in.
func bodhiProgram(t *testing.T, kind string) program {
	p := towerProgram(t, kind, map[string]func(programDB, time.Time) any{"sqlite": towerText, "postgres": towerMoment}[kind])
	p.realm, p.cookie = "format bodhi", "bodhiapp_session_id"
	p.tables = []string{"CREATE TABLE tower_sessions (id text primary key not null, data " + blob[kind] + " not null, expiry_date " + instant[kind] + " not null, user_id text)"}
	rows := towerRows(t, "tower_sessions", map[string]func(programDB, time.Time) any{"sqlite": towerText, "postgres": towerMoment}[kind])
	p.fill = func(db programDB) {
		rows(db)
		db.exec("UPDATE tower_sessions SET user_id = 'user123'")
	}
	p.good = map[string]identity{towerUser: {user: "user123"}}
	p.bad[towerInteger] = "anonymous" // a number is nobody to BodhiApp
	for i := range p.changes {
		p.changes[i].statement = strings.Replace(p.changes[i].statement, `"tower_sessions"."session"`, "tower_sessions", 1)
	}
	return p
}

func TestForeignBodhi(t *testing.T) { onEach(t, bodhiProgram, "sqlite", "postgres") }

const (
	authlyUser  = "6f1c2a34-5b67-4c89-9def-0123456789ab"
	authlyOther = "7f1c2a34-5b67-4c89-9def-0123456789ab"
	authlyEnded = "8f1c2a34-5b67-4c89-9def-0123456789ab"
)

func TestForeignAuthly(t *testing.T) {
	for _, c := range []struct{ variant, kind string }{
		{"l1", "sqlite"}, {"l1", "postgres"}, {"l2", "mysql"}, {"l3", "postgres"}, {"l4", "sqlite"}, {"l4", "postgres"}, {"l4", "mysql"},
	} {
		t.Run(c.variant+" "+c.kind, func(t *testing.T) { authlyProgram(c.variant, c.kind).test(t) })
	}
}

// authlyProgram is a layout that authly, later authkestra, has had.
func authlyProgram(variant, kind string) program {
	doc := func(id, user string) string {
		return fmt.Sprintf(`{"id":%q,"identity":{"provider_id":"github","external_id":%q,"email":"user@example.com","username":"rust_dev",`+
			`"attributes":{"access_token":"the-providers-own"}},"expires_at":"2099-02-08T12:34:56.789Z"}`, id, user)
	}
	p := program{
		on: freshDB[kind], realm: "format authly {\n variant " + variant + "\n}",
		cookie: map[bool]string{true: "authly_session", false: "authkestra_session"}[variant < "l3"],
		good: map[string]identity{
			authlyUser:  {user: "user_888", email: "user@example.com", name: "rust_dev"},
			authlyOther: {user: "user_7", email: "user@example.com", name: "rust_dev"},
		},
		first:  authlyUser,
		claims: map[string]string{"provider": "github"},
		bad: map[string]string{
			authlyEnded:                            "expired",
			"9f1c2a34-5b67-4c89-9def-0123456789ab": "unknown",
			"6F1C2A34-5B67-4C89-9DEF-0123456789AB": "malformed",
			"session":                              "malformed",
		},
	}
	stamp := func(db programDB, end time.Time) string {
		if kind == "sqlite" {
			return end.UTC().Format("2006-01-02T15:04:05.999+00:00")
		}
		return db.moment(end)
	}
	columns := func(table, name string) {
		p.tables = []string{"CREATE TABLE " + table + " (id varchar(128) PRIMARY KEY, provider_id varchar(255), external_id varchar(255), email varchar(255), " + name + " varchar(255), claims " + longText[kind] + ", expires_at " + instant[kind] + " NOT NULL)"}
		p.changes = []change{{"the session forgets the user", "UPDATE " + table + " SET external_id = ''", nil, "anonymous"}}
		p.fill = func(db programDB) {
			insert := "INSERT INTO " + table + " VALUES (?, 'github', ?, 'user@example.com', 'rust_dev', '{}', ?)"
			db.exec(insert, authlyUser, "user_888", stamp(db, in(time.Hour)))
			db.exec(insert, authlyOther, "user_7", stamp(db, in(time.Hour)))
			db.exec(insert, authlyEnded, "user_888", stamp(db, in(-time.Second)))
		}
	}
	document := func(table, key, value string) {
		p.tables = []string{"CREATE TABLE " + table + " (" + key + " varchar(255) PRIMARY KEY, " + value + " " + longText[kind] + " NOT NULL, expires_at " + instant[kind] + " NOT NULL)"}
		p.changes = []change{
			{"the document is another session's", "UPDATE " + table + " SET " + value + " = ?", []any{doc(authlyOther, "user_888")}, "undecodable"},
			{"the document is cut off", "UPDATE " + table + " SET " + value + " = ?", []any{doc(authlyUser, "user_888")[:60]}, "undecodable"},
		}
		p.fill = func(db programDB) {
			insert := "INSERT INTO " + table + " VALUES (?, ?, ?)"
			db.exec(insert, authlyUser, doc(authlyUser, "user_888"), stamp(db, in(time.Hour)))
			db.exec(insert, authlyOther, doc(authlyOther, "user_7"), stamp(db, in(time.Hour)))
			db.exec(insert, authlyEnded, doc(authlyEnded, "user_888"), stamp(db, in(-time.Second)))
		}
	}
	switch variant {
	case "l1":
		document("authly_sessions", "id", "data")
	case "l2":
		columns("authly_sessions", "username")
	case "l3":
		columns("authkestra_sessions", "name")
	case "l4":
		document("authkestra_kv", map[string]string{"mysql": "`key`"}[kind]+map[bool]string{true: `"key"`}[kind != "mysql"], "value")
	}
	return p
}
