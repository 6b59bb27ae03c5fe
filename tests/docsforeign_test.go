//go:build unix

package tests

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"testing"
)

// foreignTale is the story of a realm whose sessions are another program's:
// somebody is nobody, logs in there, is known to the app, and is nobody again
// when the program's row is gone.
type foreignTale struct {
	inbox  string // a page of the app
	login  string // where nobody is sent, without return_to
	main   string // a page of the program itself
	host   string // of the program
	cookie string
	got    []string // what the app is told
	in     func()   // somebody logs in
	out    func(b *browser)
}

func (s foreignTale) tell(d *documented, block string) {
	d.t.Helper()
	d.run(block)
	_, token, _ := strings.Cut(s.cookie, "=")
	d.secret(token)
	b := d.browser()
	b.claimsToBe([]string{"Cookie: " + s.cookie})
	s.isNobody(d, b)
	s.in()
	eventually(d.t, "the app knows who it is", func() bool { return b.fetch(s.inbox).status == 200 })
	d.app.take()
	got := tale{}.visit(d, b, s.inbox)
	assertLines(d.t, got, s.got)
	assertEqual(d.t, "the cookie that the app sees", got.value("Cookie"), "")
	// The program has no guard before it, and sees its cookie.
	assertEqual(d.t, "status", b.navigate(s.main).status, 200)
	assertEqual(d.t, "the cookie that the program sees", d.upstreams[s.host].one(d.t).value("Cookie"), s.cookie)
	s.out(b)
	eventually(d.t, "the session is over", func() bool { return b.fetch(s.inbox).status == 401 })
	d.app.take()
	s.isNobody(d, b)
}

func (s foreignTale) isNobody(d *documented, b *browser) {
	d.t.Helper()
	back := url.QueryEscape(strings.TrimPrefix(s.inbox, onSite(s.inbox, "")))
	separator := "?"
	if strings.Contains(s.login, "?") {
		separator = back + "&"
	}
	b.navigate(s.inbox).assertLeads(d.t, 302, s.login+separator+"return_to="+back)
	assertEqual(d.t, "a script without a session", b.fetch(s.inbox).status, 401)
	d.app.untouched(d.t)
}

func storyOfDjango(d *documented, block string) {
	t := d.t.(*testing.T)
	p := djangoProgram(t, "postgres")
	db := p.tablesIn(t, p.on(t))
	t.Setenv("DJANGO_SECRET_KEY", p.secrets[1])
	foreignTale{
		inbox: onSite(docRoot, "/reports/2026?q=1&page=2"), login: docRoot + "accounts/login/?next=",
		main: onSite(docRoot, "/accounts/profile"), host: "django", cookie: p.cookie + "=" + p.first,
		got: append(p.good[p.first].lines(remoteSet)[1:], "Remote-User: alice"),
		in:  func() { p.fill(db) },
		out: func(*browser) { db.exec("DELETE FROM django_session") },
	}.tell(d, block)
}

// tablesIn makes the program's tables in a database, which the environment
// names from then on.
func (p program) tablesIn(t *testing.T, url string) programDB {
	t.Helper()
	db := openProgramDB(t, url)
	for _, table := range p.tables {
		db.exec(table)
	}
	t.Setenv("DATABASE_URL", url)
	return db
}

func storyOfTower(d *documented, block string) {
	t := d.t.(*testing.T)
	p := towerProgram(t, "sqlite", towerText)
	db := p.tablesIn(t, "sqlite:"+d.dir+"/sessions.db")
	foreignTale{
		inbox: onSite(docRoot, "/legacy/inbox?page=2"), login: docLogin + "?next=",
		main: onSite(docRoot, "/legacy"), host: "main", cookie: p.cookie + "=" + p.first,
		got: p.good[p.first].lines(remoteSet),
		in:  func() { p.fill(db) },
		out: func(b *browser) {
			before := p.count(db)
			assertEqual(t, "a logout from another site", b.submitFrom("cross-site", onSite(docRoot, "/legacy-logout")).status, 403)
			b.submit(onSite(docRoot, "/legacy-logout")).assertLeads(t, 303, docLogin)
			assertEqual(t, "rows", p.count(db), before-1)
		},
	}.tell(d, block)
}

func storyOfAQuery(d *documented, block string) {
	t := d.t.(*testing.T)
	p := program{tables: []string{
		"CREATE TABLE app_sessions (sid_hash text PRIMARY KEY, person integer, ends timestamptz)",
		"CREATE TABLE people (id integer PRIMARY KEY, mail text, enabled boolean)",
	}}
	db := p.tablesIn(t, freshDB["postgres"](t))
	const sid = "0123456789abcdef0123456789abcdef"
	hash := sha256.Sum256([]byte(sid))
	db.exec("INSERT INTO people VALUES (7, 'alice@example.com', true), (8, 'bob@example.com', true)")
	foreignTale{
		inbox: onSite(docRoot, "/legacy/inbox"), login: docLogin,
		main: onSite(docRoot, "/"), host: "main", cookie: "sid=" + sid,
		got: identity{user: "7", email: "alice@example.com"}.lines(remoteSet),
		in: func() {
			db.exec("INSERT INTO app_sessions VALUES (?, 7, now() + interval '1 hour')", hex.EncodeToString(hash[:]))
		},
		out: func(*browser) { db.exec("UPDATE people SET enabled = false WHERE id = 7") },
	}.tell(d, block)
}
