//go:build unix

package tests

import (
	"strings"
)

func storyOfPHP(d *documented, block string) {
	d.run(block)
	s := tale{inbox: docInbox, login: docLogin}
	b := d.browser()
	s.isNobody(d, b)
	s.logIn(d, b)
	assertEqual(d.t, "status", b.navigate(docInbox).status, 200)
	d.php.assertUser(d.t, alice)
	b.submit(s.logout()).assertLeads(d.t, 303, docRoot)
	s.isNobody(d, b)
	assertEqual(d.t, "requests to PHP", len(d.php.take()), 0)
}

func storyOfHeaderNames(d *documented, block string) {
	who := alice
	who.name = "Älice Ädams"
	s := tale{inbox: docInbox, login: docLogin, bye: docRoot}
	s.as = func(d *documented, b *browser, address string) *page {
		b.claimsToBe(mallory.lines(xAuthRequestSet))
		return logInAs(d, b, address, who)
	}
	s.got = append(who.lines(xAuthRequestSet)[:3:3], "X-Auth-Request-Groups: admins;users", "X-Display-Name: %C3%84lice%20%C3%84dams")
	s.then = func(d *documented, b *browser) {
		if id := s.visit(d, b, docInbox).value("X-Session"); len(id) < 8 {
			d.t.Errorf("X-Session: %q", id)
		}
	}
	s.tell(d, block)
}

func storyOfAppCookies(d *documented, block string) {
	s := tale{inbox: docInbox, login: docLogin, bye: docRoot}
	s.tell(d, block)
	b := d.browser()
	s.logIn(d, b)
	d.app.answers(reply(200, "ok", "Set-Cookie: JSESSIONID=alices; Path=/"))
	s.visit(d, b, docInbox)
	d.app.answers(reply(200, "ok"))
	assertEqual(d.t, "the app's cookie", s.visit(d, b, docInbox).value("Cookie"), "JSESSIONID=alices")
	hers := b.cookies(docInbox)
	logInAs(d, b, s.asksFor(), carol).assertLeads(d.t, 303, docInbox)
	assertEqual(d.t, "the app's cookie after a login", s.visit(d, b, docInbox).value("Cookie"), "")
	// The browser has kept it, for another path.
	_, seal, _ := strings.Cut(hers, "JSESSIONID-bound=")
	seal, _, _ = strings.Cut(seal, ";")
	b = d.browser()
	logInAs(d, b, s.asksFor(), carol)
	b.lies = append(b.lies, "Cookie", b.cookies(docInbox)+"; JSESSIONID=alices; JSESSIONID-bound="+seal)
	got := s.visit(d, b, docInbox)
	assertID(d.t, got, carol)
	assertEqual(d.t, "alice's cookie under carol", got.value("Cookie"), "")
}

func storyOfPagesForEverybody(d *documented, block string) {
	s := tale{inbox: docInbox, login: docLogin, bye: docRoot}
	shop := onSite(docRoot, "/shop/news")
	s.then = func(d *documented, b *browser) {
		assertANON(d.t, s.visit(d, d.browser(), shop))
		assertID(d.t, s.visit(d, b, shop), alice)
	}
	s.tell(d, block)
}

func storyOfPagesForSome(d *documented, block string) {
	s := tale{inbox: docInbox, login: docLogin, bye: docRoot}
	admin := onSite(docRoot, "/admin/users")
	s.then = func(d *documented, b *browser) {
		assertID(d.t, s.visit(d, b, admin), alice)
		other := d.browser()
		other.navigate(admin).assertLeads(d.t, 302, docLogin+"?return_to=%2Fadmin%2Fusers")
		logInAs(d, other, s.asksFor(), carol)
		assertEqual(d.t, "carol at /admin", other.navigate(admin).status, 403)
		s.legacy(d).untouched(d.t)
		assertID(d.t, s.visit(d, other, docInbox), carol)
	}
	s.tell(d, block)
}

func storyOfAdmins(d *documented, block string) {
	s := tale{inbox: docInbox, login: docLogin, bye: docRoot, app: "next-version"}
	s.then = func(d *documented, _ *browser) {
		other := d.browser()
		logInAs(d, other, s.asksFor(), carol)
		assertID(d.t, tale{}.visit(d, other, docInbox), carol)
		s.legacy(d).untouched(d.t)
	}
	s.tell(d, block)
}

func storyOfErrorPages(d *documented, block string) {
	s := tale{inbox: docInbox, bye: docRoot}
	s.login = docLogin
	d.run(block)
	b := d.browser()
	nobody := func() {
		d.t.Helper()
		p := b.navigate(docInbox)
		assertEqual(d.t, "status", p.status, 401)
		assertEqual(d.t, "body", p.body, "401 none")
		d.app.untouched(d.t)
	}
	nobody()
	s.logIn(d, b)
	s.isAlice(d, b)
	d.app.dropConns()
	b.submit(s.logout()).assertLeads(d.t, 303, docRoot)
	nobody()
}
