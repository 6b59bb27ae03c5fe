//go:build unix

package tests

import (
	"testing"
	"time"
)

// F2: connect-pg-simple makes its table at the program's first request. Caddy
// starts before that, denies who has a cookie, and serves them afterwards.
func TestF2_Foreign_ATableThatTheProgramMakesLater(t *testing.T) {
	for _, kind := range []string{"postgres", "sqlite", "mysql"} {
		t.Run(kind, func(t *testing.T) {
			p := program{
				fill:   func(db programDB) { db.exec("CREATE TABLE other (x integer)") },
				realm:  "format express {\n variant knex\n insecure_unsigned\n}",
				cookie: "connect.sid",
			}
			s, db := p.begin(t, freshDB[kind](t), "cache_ttl 0", "")
			const id = "0123456789abcdef0123456789abcdef"
			line := p.line("s%3A" + id + ".c2lnbmF0dXJl")
			a := s.get("/", line)
			s.assertDENY(a)
			assertContains(t, s.log.String(), "is not there; until the program has made it")
			assertStatus(t, s.get("/public"), 200)
			s.app.take()
			db.exec("CREATE TABLE sessions (sid varchar(255) PRIMARY KEY, sess text, expired " + map[string]string{"postgres": "timestamptz", "sqlite": "datetime", "mysql": "datetime(6)"}[kind] + ")")
			db.exec(`INSERT INTO sessions VALUES (?, '{"user":{"id":42}}', ?)`, id, in(time.Hour).UTC().Format("2006-01-02 15:04:05"))
			eventually(t, "the user is served", func() bool { return s.get("/", line).status == 200 })
			assertID(t, s.app.take()[0], identity{user: "42"})
		})
	}
}
