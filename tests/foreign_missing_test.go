//go:build unix

package tests

import (
	"strings"
	"testing"
)

// bodhiWithoutColumn is BodhiApp of the time before it had a column for the user.
func bodhiWithoutColumn(t *testing.T, kind string) program {
	p := bodhiProgram(t, kind)
	p.tables[0] = strings.Replace(p.tables[0], ", user_id text", "", 1)
	times := map[string]func(program) program{
		"sqlite":   func(p program) program { p.fill = towerRows(t, "tower_sessions", towerText); return p },
		"postgres": func(p program) program { p.fill = towerRows(t, "tower_sessions", towerMoment); return p },
	}
	return times[kind](p)
}

// What only listing needs keeps nobody out: the log says what is missing and
// what adds it, and `migrate` does.
func TestD7_AMissingColumnThatLookupsDoNotNeed(t *testing.T) {
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			p := bodhiWithoutColumn(t, kind)
			url := p.on(t)
			db := openProgramDB(t, url)
			db.exec(p.tables[0])
			p.fill(db)
			// 1. Lookups do without it.
			s := p.start(t, url, nil)
			p.isGood(t, s, p.first, p.good[p.first])
			for _, want := range []string{"cannot be counted", "user_id", "not lookups", "ALTER TABLE", "CREATE INDEX", "caddy session migrate"} {
				assertContains(t, s.log.String(), want)
			}
			// 2. A list does not.
			run := p.commandFor(t, url)
			if _, said, ok := run("list", "--user", "user123"); ok || !strings.Contains(said, "user_id") {
				t.Error(ok, said)
			}
			// 3. The column and its index are added once.
			for _, added := range []string{`"columns_added": 1`, `"columns_added": 0`} {
				out, said, ok := run("migrate", "--json")
				if !ok {
					t.Fatal(said)
				}
				assertContains(t, out, added)
			}
			db.exec("UPDATE tower_sessions SET user_id = 'user123'")
			if out, said, ok := run("list", "--user", "user123", "--json"); !ok || len(listed(t, out)["user123"]) == 0 {
				t.Error(ok, out, said)
			}
			p.isGood(t, s, p.first, p.good[p.first])
		})
	}
}

// What lookups need is named while the program runs, too, and is not called
// unavailable.
func TestD7_AColumnThatGoesMissingIsNamed(t *testing.T) {
	p := bodhiProgram(t, "sqlite")
	url := p.on(t)
	db := openProgramDB(t, url)
	db.exec(p.tables[0])
	p.fill(db)
	s := p.start(t, url, nil)
	p.isGood(t, s, p.first, p.good[p.first])
	db.exec("ALTER TABLE tower_sessions RENAME COLUMN data TO payload")
	assertStatus(t, s.get("/", p.line(p.first)), 503)
	for _, want := range []string{"cannot be used as it is", "no such column", "data", "lookups need it", strings.TrimPrefix(url, "sqlite:")} {
		assertContains(t, s.log.String(), want)
	}
}
