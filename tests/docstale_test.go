//go:build unix

package tests

import (
	"cmp"
	"net/url"
	"strings"
)

// tale is the story that the configurations of the documentation have in
// common: somebody is nobody, logs in, is known to the app, logs out, and is
// nobody again. All the while the client says that it is mallory.
type tale struct {
	inbox string // a page of the app that wants a login
	login string // where nobody is sent; empty: nobody gets 401
	bye   string // where a logout leads
	app   string // the host of the app; legacy unless given
	exit  string // the path of the logout; /logout unless given

	got  []string                                              // what the app is told of alice, by header lines; the set remote unless given
	as   func(d *documented, b *browser, address string) *page // logs alice in; by a login page unless given
	then func(d *documented, b *browser)                       // what else happens while alice is logged in
}

// tell runs a configuration and tells the tale.
func (s tale) tell(d *documented, block string) {
	d.t.Helper()
	d.run(block)
	s.happens(d)
}

// happens tells the tale of a configuration that runs.
func (s tale) happens(d *documented) {
	d.t.Helper()
	b := d.browser()
	// 1. Nobody.
	s.isNobody(d, b)
	// 2. Alice logs in, and comes back to where she wanted to go.
	s.logIn(d, b)
	s.isAlice(d, b)
	// 3. No other site can log her out.
	if p := b.submitFrom("cross-site", s.logout()); p.status != 403 {
		d.t.Errorf("a logout from another site: status %d", p.status)
	}
	s.isAlice(d, b)
	if s.then != nil {
		s.then(d, b)
	}
	// 4. She logs out, and the session is dead, for whoever kept the cookie too.
	thief := d.browser()
	thief.lies = append(thief.lies, "Cookie", b.cookies(s.inbox))
	s.isAlice(d, thief)
	b.submit(s.logout()).assertLeads(d.t, 303, s.bye)
	s.isNobody(d, b)
	s.isNobody(d, thief)
}

// logout is the address of the logout, which is the same site's.
func (s tale) logout() string { return onSite(s.inbox, cmp.Or(s.exit, "/logout")) }

// onSite is another path of a site.
func onSite(site, path string) string {
	u, err := url.Parse(site)
	if err != nil {
		panic(err)
	}
	return u.Scheme + "://" + u.Host + path
}

// asksFor is the address of the login page that brings back to the inbox.
func (s tale) asksFor() string {
	back := s.inbox
	if onSite(s.inbox, "") == onSite(s.login, "") {
		back = strings.TrimPrefix(s.inbox, onSite(s.inbox, ""))
	}
	return s.login + "?return_to=" + url.QueryEscape(back)
}

// legacy is the app.
func (s tale) legacy(d *documented) *upstream {
	if s.app == "" {
		return d.app
	}
	return d.upstreams[s.app]
}

// isNobody: pages lead to the login, everything else gets 401.
func (s tale) isNobody(d *documented, b *browser) {
	d.t.Helper()
	if s.login != "" {
		b.navigate(s.inbox).assertLeads(d.t, 302, s.asksFor())
	} else if p := b.navigate(s.inbox); p.status != 401 {
		d.t.Errorf("a page without a session: status %d", p.status)
	}
	if p := b.fetch(s.inbox); p.status != 401 {
		d.t.Errorf("a script without a session: status %d", p.status)
	}
	s.legacy(d).untouched(d.t)
}

// logIn logs alice in.
func (s tale) logIn(d *documented, b *browser) {
	d.t.Helper()
	if s.as == nil {
		s.as = byLoginPage
	}
	s.as(d, b, s.asksFor()).assertLeads(d.t, 303, s.inbox)
	for pair := range strings.SplitSeq(b.cookies(s.inbox), "; ") {
		if _, token, _ := strings.Cut(pair, "="); len(token) < 32 {
			d.t.Errorf("the login set the cookie %s", pair)
		} else {
			d.secret(token)
		}
	}
}

// isAlice: the app is told that it is alice, and sees no cookie of ours.
func (s tale) isAlice(d *documented, b *browser) {
	d.t.Helper()
	got := s.visit(d, b, s.inbox)
	want := s.got
	if want == nil {
		want = alice.lines(remoteSet)
	}
	assertLines(d.t, got, want)
	assertEqual(d.t, "the app's cookies", got.value("Cookie"), "")
}

// visit goes to a page of the app, and returns what the app received.
func (s tale) visit(d *documented, b *browser, address string) *message {
	d.t.Helper()
	if p := b.navigate(address); p.status != 200 {
		d.t.Fatalf("%s: status %d to %q", address, p.status, p.location)
	}
	return s.legacy(d).one(d.t)
}

// byLoginPage logs alice in at a login page of her own, after a mistake.
func byLoginPage(d *documented, b *browser, address string) *page {
	d.t.Helper()
	d.page.answers(reply(200, `<form method="post">`))
	before := b.cookies(address)
	if p := b.navigate(address); p.status != 200 || !strings.Contains(p.body, "<form") {
		d.t.Errorf("the login page: status %d, %s", p.status, p.body)
	}
	d.page.answers(reply(401, "wrong", alice.lines(remoteSet)...))
	p := b.submit(address, "name", "alice", "password", "wrong")
	assertEqual(d.t, "a wrong password", p.status, 401)
	assertEqual(d.t, "what a browser sees of the hand-over", p.header.Get("Remote-User"), "")
	assertEqual(d.t, "cookies after a wrong password", b.cookies(address), before)
	return logInAs(d, b, address, alice)
}

// logInAs logs somebody in at the login page.
func logInAs(d *documented, b *browser, address string, who identity) *page {
	d.t.Helper()
	d.page.answers(who.loginPage())
	return b.submit(address, "name", who.user, "password", "right")
}
