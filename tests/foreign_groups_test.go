//go:build unix

package tests

import (
	"strings"
	"testing"
	"time"
)

// groupsProgram has the groups of its user in a column.
func groupsProgram() program {
	return program{
		tables: []string{"CREATE TABLE s (k varchar(64) PRIMARY KEY, u text, ends text, g text)"},
		fill: func(db programDB) {
			db.exec("INSERT INTO s VALUES (?, 'alice', ?, '')", strings.Repeat("k", 32), in(time.Hour).UTC().Format(time.RFC3339))
		},
		realm:  "format custom {\n cookie sid\n table s\n columns {\n key k\n user_id u\n expires_at ends\n groups g\n }\n}",
		cookie: "sid",
	}
}

// H6: the groups of another program may have any name. One with a comma is left
// out, also where it is the only one, and its members are served.
func TestH6_Foreign_AGroupWithAComma(t *testing.T) {
	p := groupsProgram()
	s, db := p.begin(t, freshDB["sqlite"](t), "cache_ttl 0", "")
	for _, c := range []struct{ groups, want string }{
		{`["users", "a,admins", "staff"]`, "users,staff"},
		{`["a,admins"]`, ""},
		{`["users"]`, "users"},
		{`[]`, ""},
		{`["a", null, 7]`, "a,7"},
	} {
		db.exec("UPDATE s SET g = ?", c.groups)
		assertStatus(t, s.get("/", p.line(strings.Repeat("k", 32))), 200)
		assertEqual(t, c.groups, s.app.one(t).value("Remote-Groups"), c.want)
	}
	assertContains(t, s.log.String(), "item_left_out")
	assertEqual(t, "headers left out", s.logged("warn", "header_left_out"), 0)
}
