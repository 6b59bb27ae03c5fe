package preset

import (
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// inCustomDays is the time of these tests.
var inCustomDays = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

func TestCustomTable(t *testing.T) {
	onEach(t, func(t *testing.T, db *testdb) {
		db.exec(`CREATE TABLE app_sessions (sid varchar(64) PRIMARY KEY, uid integer, body {longtext}, ends bigint, tenant varchar(20))`)
		db.exec(`CREATE TABLE people (no integer PRIMARY KEY, mail varchar(100), roles varchar(100), enabled {bool})`)
		db.exec(`INSERT INTO people VALUES (7, 'alice@example.com', ?, ?)`, `["ops","a, b"]`, true)
		db.exec(`INSERT INTO app_sessions VALUES ('SID-1', 7, ?, ?, 'acme')`, `{"mfa":true,"user":{"name":"Alice"},"level":3}`, inCustomDays.Add(time.Hour).UnixMilli())
		o := format.Options{
			Name: "custom", Cookie: "sid", Table: "app_sessions", ExpiresUnit: "unix_ms",
			Columns: map[string]string{"key": "sid", "user_id": "uid", "payload": "body", "expires_at": "ends", "tenant": "tenant"},
			Users:   &format.Users{Table: "people", Key: "no", Columns: map[string]string{"email": "mail", "groups": "roles", "active": "enabled"}},
			Claims:  map[string]string{"name": "user.name", "tenant": "tenant", "level": "level"},
			Require: []format.Condition{{Of: "mfa"}, {Of: "tenant", Values: []string{"acme", "other"}}},
		}
		f := db.open(o)
		s := db.is(f, "SID-1", inCustomDays, "7", "email=alice@example.com", "name=Alice", "tenant=acme", "level=3")
		if groups := s.Claims["groups"].Items(); len(groups) != 2 || groups[1] != "a, b" {
			t.Errorf("groups %q", groups)
		}
		// MySQL finds rows by these; they are other cookies.
		db.isNobody(f, "sid-1", inCustomDays, format.ErrUnknown)
		db.isNobody(f, "SID-1 ", inCustomDays, format.ErrUnknown)
		db.isNobody(f, "SID-1\x00", inCustomDays, format.ErrMalformed)
		db.isNobody(f, "SID-\xc3\x28", inCustomDays, format.ErrMalformed)
		db.isNobody(f, "SÏD-1", inCustomDays, format.ErrMalformed)
		db.isNobody(f, "' OR 1=1 --", inCustomDays, format.ErrUnknown)
		db.exec(`UPDATE people SET enabled = ?`, false)
		db.isNobody(f, "SID-1", inCustomDays, format.ErrInactive)
		db.exec(`UPDATE people SET roles = NULL, enabled = ?`, true)
		db.is(f, "SID-1", inCustomDays, "7", "groups=")
		db.exec(`UPDATE app_sessions SET tenant = 'evil'`)
		db.isNobody(f, "SID-1", inCustomDays, format.ErrInactive)
		db.exec(`UPDATE app_sessions SET tenant = 'acme', body = ?`, `{"mfa":false}`)
		db.isNobody(f, "SID-1", inCustomDays, format.ErrInactive)
		db.exec(`UPDATE app_sessions SET body = ?`, `{"mfa":true,"user":{"name":"Al\u000aice"}}`)
		db.isNobody(f, "SID-1", inCustomDays, format.ErrInvalid)
		db.exec(`UPDATE app_sessions SET body = '{'`)
		db.isNobody(f, "SID-1", inCustomDays, format.ErrUndecodable)
		db.exec(`UPDATE app_sessions SET ends = NULL, body = ?`, `{"mfa":1}`)
		db.isNobody(f, "SID-1", inCustomDays, format.ErrExpired)
	})
}

func TestCustomQuery(t *testing.T) {
	onEach(t, func(t *testing.T, db *testdb) {
		db.exec(`CREATE TABLE s (sid varchar(64) PRIMARY KEY, uid varchar(20), seen {moment})`)
		db.exec(`CREATE TABLE u (id varchar(20) PRIMARY KEY, name varchar(20))`)
		db.exec(`INSERT INTO s VALUES ('abc', 'alice', '2026-11-23 01:30:00')`)
		db.exec(`INSERT INTO u VALUES ('alice', 'Alice'), ('bob', 'Bob')`)
		key := by(db.dialect, `"key"`, `"key"`, "`key`")
		f := db.open(format.Options{
			Name: "custom", Cookie: "sid", Expires: "since", MaxAge: 1 * hour,
			Query:  "SELECT s.sid AS " + key + ", u.id AS user_id, u.name, s.seen AS last_seen, 'it''s ?' AS Motto FROM s JOIN u ON u.id = s.uid WHERE s.sid = ? LIMIT 1;",
			Claims: map[string]string{"motto": "motto"},
		})
		db.is(f, "abc", inCustomDays, "alice", "name=Alice", "motto=it's ?")
		db.isNobody(f, "abc", inCustomDays.Add(time.Hour), format.ErrExpired)
		db.isNobody(f, "ABC", inCustomDays, format.ErrUnknown)
		two := db.open(format.Options{
			Name: "custom", Cookie: "sid", Expires: "since", MaxAge: 1 * hour,
			Query:     "SELECT sid AS " + key + ", uid AS user_id, seen AS last_seen FROM s WHERE sid = ?",
			UserQuery: "SELECT id AS user_id, name FROM u WHERE id = ?",
		})
		db.is(two, "abc", inCustomDays, "alice", "name=Alice")
		other := db.open(format.Options{
			Name: "custom", Cookie: "sid", Expires: "since", MaxAge: 1 * hour,
			Query:     "SELECT sid AS " + key + ", uid AS user_id, seen AS last_seen FROM s WHERE sid = ?",
			UserQuery: "SELECT id AS user_id, name FROM u WHERE id <> ?",
		})
		db.isNobody(other, "abc", inCustomDays, format.ErrInactive) // another user's row
	})
}

// Keys of other types: bytes as pgstore and Phoenix have them, and UUIDs.
func TestCustomKeyTypes(t *testing.T) {
	onEach(t, func(t *testing.T, db *testdb) {
		db.exec(`CREATE TABLE b (k ` + by(db.dialect, "blob", "bytea", "varbinary(64)") + ` PRIMARY KEY, uid ` + by(db.dialect, "text", "uuid", "char(36)") + ` UNIQUE, ends bigint)`)
		const id = "39b51a53-87e1-4e48-92d7-a0b5a4abc99c"
		db.exec(`INSERT INTO b VALUES (?, ?, ?)`, []byte{0, 0xff, 'x'}, id, inCustomDays.Add(time.Hour).Unix())
		o := format.Options{
			Name: "custom", Cookie: "c", Table: "b", KeyType: "bytes", Token: []string{"hex"}, ExpiresUnit: "unix",
			Columns: map[string]string{"key": "k", "user_id": "uid", "expires_at": "ends"},
		}
		f := db.open(o)
		db.is(f, "00ff78", inCustomDays, id)
		db.isNobody(f, "00FF78", inCustomDays, format.ErrMalformed)
		db.isNobody(f, "00ff", inCustomDays, format.ErrUnknown)
		o.KeyType, o.Token, o.Columns = "uuid", nil, map[string]string{"key": "uid", "user_id": "uid", "expires_at": "ends"}
		f = db.open(o)
		db.is(f, id, inCustomDays, id)
		if db.dialect != sqltext.MySQL {
			db.isNobody(f, "no uuid", inCustomDays, format.ErrMalformed) // which would be an error of the database
		}
	})
}
