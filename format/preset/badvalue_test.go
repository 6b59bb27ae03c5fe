package preset

import (
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// A cookie that an operator's own query cannot read is malformed: it is nobody's,
// whatever the state of the database, which goes on to answer for others. What it
// said is in no error.
func TestValuesThatAQueryCannotRead(t *testing.T) {
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	onEach(t, func(t *testing.T, db *testdb) {
		db.exec(`CREATE TABLE s (k varchar(100) PRIMARY KEY, u varchar(20), e varchar(40), g varchar(20))`)
		db.exec(`INSERT INTO s VALUES ('abc', 'alice', '2026-12-01T00:00:00Z', 'x')`)
		parameter := by(db.dialect, "json(?)", "CAST(CAST(? AS json) AS text)", "?")
		f := db.open(format.Options{
			Name: "custom", Cookie: "sid", Token: []string{"base64url"},
			Query: "SELECT " + parameter + " AS \"key\", s.u AS user_id, s.e AS expires_at FROM s WHERE s.k = 'abc'",
		})
		const garbage = "Z2FyYmFnZS1pbi1hLWNvb2tpZQ" // garbage-in-a-cookie
		_, err := db.find(f, garbage, now)
		if reasonOf(err) != format.ErrMalformed || strings.Contains(err.Error(), "garbage") {
			t.Error(err)
		}
		db.is(f, "eyJzaWQiOiJhYmMifQ", now, "alice")
	}, sqltext.SQLite, sqltext.Postgres)
}

// What a row says and the query for the user cannot read is the row's fault.
func TestUsersThatAQueryCannotRead(t *testing.T) {
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	onEach(t, func(t *testing.T, db *testdb) {
		db.exec(`CREATE TABLE s (k varchar(100) PRIMARY KEY, p text, e varchar(40))`)
		db.exec(`INSERT INTO s VALUES ('abc', '{"user":"not a number"}', '2026-12-01T00:00:00Z')`)
		f := db.open(format.Options{
			Name: "custom", Cookie: "sid", Table: "s", User: []string{"user"}, UserQuery: "SELECT u.n AS user_id FROM (SELECT CAST(CAST(? AS text) AS bigint) AS n) u",
			Columns: map[string]string{"key": "k", "payload": "p", "expires_at": "e"},
		})
		db.isNobody(f, "abc", now, format.ErrUndecodable)
	}, sqltext.Postgres)
}
