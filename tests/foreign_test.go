//go:build unix

package tests

import (
	"database/sql"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format/payload"
	"github.com/seed-11312c3d/caddy-session/format/vectortest"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// program is another program: its tables, the cookies that it set, and what
// becomes of them. Its realm is tested in a whole Caddy.
type program struct {
	on      func(testing.TB) string // the database that the program used
	tables  []string                // made by these statements; the first holds the sessions
	fill    func(db programDB)      // with rows that are alive now
	realm   string                  // {secret1}, {secret2}, ... are the secrets, from the environment
	secrets []string
	cookie  string

	good    map[string]identity // cookies that are somebody's
	first   string              // the one of them that changes are tried on
	claims  map[string]string   // further claims of that one
	bad     map[string]string   // cookies that are nobody's, and what the status says
	changes []change

	// The same realm with other secrets takes the good cookies for this.
	otherSecrets []string
	wrongSecret  string
}

// change is what happens to the rows of a good cookie.
type change struct {
	what      string
	statement string
	args      []any
	status    string // of the cookie afterwards
}

// test tells the story that all programs have in common.
func (p program) test(t *testing.T) {
	url := p.on(t)
	db := openProgramDB(t, url)
	for _, table := range p.tables {
		db.exec(table)
	}
	p.fill(db)
	s := p.start(t, url, p.secrets)
	for value, who := range p.good {
		p.isGood(t, s, value, who)
	}
	for value, status := range p.bad {
		p.isNobody(t, s, value, status)
	}
	p.neighboursAreNobody(t, s)
	for _, c := range p.changes {
		t.Run(c.what, func(t *testing.T) {
			db.exec(c.statement, c.args...)
			p.isNobody(t, s, p.first, c.status)
			p.refill(db)
		})
	}
	// Somebody logs out in the program itself.
	db.exec("DELETE FROM " + db.tableOf(p.tables[0]))
	for value := range p.good {
		p.isNobody(t, s, value, "unknown")
	}
	p.refill(db)
	p.faultIsDenied(t, s, db)
	if p.otherSecrets != nil {
		t.Run("with other secrets", func(t *testing.T) {
			p.isNobody(t, p.start(t, url, p.otherSecrets), p.first, p.wrongSecret)
		})
	}
}

// foreignSite is a guarded app that is told of claims, and a page that lets
// anybody in. Refusals say what {http.session.status} is.
const foreignSite = `
	handle /public* {
		session {
			optional
		}
		reverse_proxy {app}
	}
	handle {
		session {
			%s
		}
		reverse_proxy {app}
	}
	handle_errors {
		header X-Status {http.session.status}
		respond "{err.status_code}" {err.status_code}
	}
`

// start runs a Caddy whose realm is the program's.
func (p program) start(t *testing.T, url string, secrets []string) *server {
	t.Helper()
	s := start(t, p.setup(t, url, secrets))
	s.secretURL(url)
	for value := range p.good {
		for part := range strings.SplitSeq(strings.ReplaceAll(value, "%3A", "."), ".") {
			if len(part) >= 16 {
				s.secret(part)
			}
		}
	}
	for _, secret := range secrets {
		s.secret(secret)
	}
	return s
}

func (p program) setup(t *testing.T, url string, secrets []string) setup {
	t.Helper()
	realm := p.realm
	for i, secret := range secrets {
		name := fmt.Sprintf("FOREIGN_SECRET_%d", i+1)
		t.Setenv(name, secret)
		realm = strings.ReplaceAll(realm, fmt.Sprintf("{secret%d}", i+1), "{env."+name+"}")
	}
	var headers []string
	for claim := range maps.Keys(p.claims) {
		headers = append(headers, "header "+claimHeader(claim)+" {http.session.claims."+claim+"}")
	}
	return setup{store: url, realm: "cache_ttl 0\n" + realm, site: fmt.Sprintf(foreignSite, strings.Join(headers, "\n"))}
}

// claimHeader names the header that tells the app of a further claim.
func claimHeader(claim string) string { return http.CanonicalHeaderKey("X-" + claim) }

// line is a browser's Cookie line, with other apps' cookies around.
func (p program) line(value string) string {
	return "Cookie: before=1; " + p.cookie + "=" + value + "; after=2"
}

// isGood: the upstream gets ID(who), all other cookies, and not this one.
func (p program) isGood(t *testing.T, s *server, value string, who identity) {
	t.Helper()
	lines := append(mallory.lines(remoteSet), p.line(value))
	for _, target := range []string{"/", "/public"} {
		a := s.get(target, lines...)
		if a.status != 200 {
			t.Errorf("%.60q: status %d, %s; want %s", value, a.status, a.value("X-Status"), who.user)
			s.app.take()
			return
		}
		got := s.app.one(t)
		assertEqual(t, "the other cookies", strings.Join(got.values("Cookie"), " | "), "before=1; after=2")
		want := who.lines(remoteSet)
		if value == p.first && target == "/" {
			for claim, text := range p.claims {
				want = append(want, claimHeader(claim)+": "+text)
			}
		}
		assertLines(t, got, want)
	}
}

// isNobody: STOP for this reason, and ANON where anybody may come in.
func (p program) isNobody(t *testing.T, s *server, value, status string) {
	t.Helper()
	s.assertStopped(t, s.get("/", p.line(value)), status)
	a := s.get("/public", append(mallory.lines(remoteSet), p.line(value))...)
	assertStatus(t, a, 200)
	got := s.app.one(t)
	assertANON(t, got)
	assertEqual(t, "the other cookies", got.value("Cookie"), "before=1; after=2")
}

func (s *server) assertStopped(t *testing.T, a *answer, status string) {
	t.Helper()
	assertStatus(t, a, 401)
	assertEqual(t, "status", a.value("X-Status"), status)
	s.assertRefusal(a)
}

// neighboursAreNobody: what a lax comparison takes for a good cookie is not one.
func (p program) neighboursAreNobody(t *testing.T, s *server) {
	t.Helper()
	for value := range p.good {
		for _, other := range []string{value + "x", value + " ", value + "%20", value + "%00", value[:len(value)-1], `"` + value + `"`, swapCase(value), "'" + value, value + "' OR '1'='1", ""} {
			a := s.get("/", p.line(other))
			if got := a.value("X-Status"); a.status != 401 || got != "malformed" && got != "unknown" {
				t.Errorf("%q: %d, %s", other, a.status, got)
			}
			s.app.untouched(t)
		}
	}
}

func swapCase(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case 'A' <= r && r <= 'Z':
			return r - 'A' + 'a'
		}
		return r
	}, text)
}

// F1: an error of the database is 503, never nobody.
func (p program) faultIsDenied(t *testing.T, s *server, db programDB) {
	t.Helper()
	schema, table, found := strings.Cut(db.tableOf(p.tables[0]), ".")
	if !found {
		schema, table = "", schema
	} else {
		schema += "."
	}
	db.exec("ALTER TABLE " + schema + table + " RENAME TO gone_away")
	for _, target := range []string{"/", "/public"} {
		a := s.get(target, p.line(p.first))
		s.assertDENY(a)
		assertEqual(t, "status", a.value("X-Status"), "unavailable")
	}
	db.exec("ALTER TABLE " + schema + "gone_away RENAME TO " + table)
	p.isGood(t, s, p.first, p.good[p.first])
}

// refill makes the rows as they were.
func (p program) refill(db programDB) {
	for _, table := range p.tables {
		if name := db.tableOf(table); name != "" {
			db.exec("DELETE FROM " + name)
		}
	}
	p.fill(db)
}

// programDB is the program's own connection to its database.
type programDB struct {
	t  testing.TB
	db *sql.DB
	// kind is sqlite, postgres or mysql.
	kind string
}

func openProgramDB(t testing.TB, url string) programDB {
	t.Helper()
	kind, _, _ := strings.Cut(url, ":")
	return programDB{t, storetest.Open(t, url), kind}
}

// exec runs a statement with `?` for parameters.
func (p programDB) exec(statement string, args ...any) {
	p.t.Helper()
	if p.kind == "postgres" {
		for n := range args {
			statement = strings.Replace(statement, "?", fmt.Sprintf("$%d", n+1), 1)
		}
	}
	execute(p.t, p.db, statement, args...)
}

// tableOf is the name in a CREATE TABLE statement, and empty for another one.
func (p programDB) tableOf(statement string) string {
	rest, ok := strings.CutPrefix(statement, "CREATE TABLE ")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, " (")
	return name
}

// moment writes a time as programs do that let the database keep it.
func (p programDB) moment(t time.Time) string {
	text := t.UTC().Format("2006-01-02 15:04:05.000000")
	if p.kind == "postgres" {
		return text + "+00"
	}
	return text
}

// in is a time from now.
func in(d time.Duration) time.Time { return time.Now().Add(d) }

// What real programs made, and how values are found in it.
var (
	vector  = vectortest.Load
	at      = vectortest.At
	wordAt  = vectortest.Text
	wordsAt = vectortest.Texts
	bytesAt = vectortest.Bytes
)

// named finds one of a list by its name.
func named(t testing.TB, list any, name string) any {
	t.Helper()
	all, _ := list.([]any)
	i := slices.IndexFunc(all, func(one any) bool {
		has, _ := payload.Find(one, "name")
		return has == name
	})
	if i < 0 {
		t.Fatalf("there is no %s", name)
	}
	return all[i]
}

// setBy finds the value of a cookie in the Set-Cookie lines of a vector.
func setBy(t testing.TB, tree any, path, name string) string {
	t.Helper()
	for _, line := range wordsAt(t, tree, path) {
		if pair, _, _ := strings.Cut(line, ";"); strings.HasPrefix(pair, name+"=") {
			return pair[len(name)+1:]
		}
	}
	t.Fatalf("no cookie %s at %s", name, path)
	return ""
}

// onEach tests a program that is set up alike on several databases.
func onEach(t *testing.T, made func(t *testing.T, kind string) program, kinds ...string) {
	t.Helper()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) { made(t, kind).test(t) })
	}
}
