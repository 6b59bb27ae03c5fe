//go:build unix

package tests

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

func storyOfSubDomains(d *documented, block string) {
	s := tale{inbox: docInbox, login: "https://login.example.com/", bye: "https://login.example.com/"}
	wiki := s
	wiki.inbox = "https://wiki.example.com/start"
	s.then = func(d *documented, b *browser) {
		wiki.isAlice(d, b)
		wiki.isNobody(d, d.browser())
		// Without return_to, or with one that leads away, the fallback.
		for _, query := range []string{"", "?return_to=https%3A%2F%2Fevil.example%2F", "?return_to=http%3A%2F%2Fapp.example.com%2F"} {
			logInAs(d, d.browser(), s.login+query, carol).assertLeads(d.t, 303, docRoot)
		}
	}
	s.tell(d, block)
	b := d.browser()
	s.logIn(d, b)
	wiki.isAlice(d, b)
	b.submit(s.logout()).assertLeads(d.t, 303, s.bye)
	wiki.isNobody(d, b)
}

func storyOfRealms(d *documented, block string) {
	d.t.(*testing.T).Setenv("CUSTOMERS_DB_URL", "sqlite:"+d.dir+"/customers.db")
	staff := tale{inbox: "https://backoffice.example.com/inbox", login: "https://backoffice.example.com/login", bye: "https://backoffice.example.com/"}
	customers := tale{inbox: "https://shop.example.com/basket", login: "https://shop.example.com/login", bye: "https://shop.example.com/", app: "shop"}
	staff.tell(d, block)
	customers.happens(d)
	// A session of one realm is nothing in the other.
	b, other := d.browser(), d.browser()
	staff.logIn(d, b)
	other.lies = append(other.lies, "Cookie", b.cookies(staff.inbox))
	staff.isAlice(d, other)
	customers.isNobody(d, other)
}

func storyOfRealmsOnOneHost(d *documented, block string) {
	customers := tale{inbox: docInbox, login: docLogin, bye: docRoot}
	admins := tale{inbox: onSite(docRoot, "/admin/users?page=2"), login: docLogin[:len(docRoot)] + "admin/login", bye: onSite(docRoot, "/admin/login"), exit: "/admin/logout"}
	admins.as = func(d *documented, b *browser, address string) *page {
		d.upstreams["staff-login"].answers(alice.loginPage())
		return b.submit(address, "name", "alice", "password", "right")
	}
	customers.tell(d, block)
	admins.happens(d)
	// One browser has both, and each ends by itself.
	b := d.browser()
	logInAs(d, b, customers.asksFor(), carol).assertLeads(d.t, 303, docInbox)
	admins.isNobody(d, b)
	admins.logIn(d, b)
	admins.isAlice(d, b)
	got := customers.visit(d, b, docInbox)
	assertID(d.t, got, carol)
	assertEqual(d.t, "cookies", got.value("Cookie"), "")
	b.submit(admins.logout()).assertLeads(d.t, 303, admins.bye)
	admins.isNobody(d, b)
	assertID(d.t, customers.visit(d, b, docInbox), carol)
	// The token of one realm is nothing under the other's name.
	_, token, _ := strings.Cut(b.cookies(docInbox), "=")
	thief := d.browser()
	thief.lies = append(thief.lies, "Cookie", "__Host-admin-session="+token)
	admins.isNobody(d, thief)
}

func storyOfNodes(d *documented, block string) {
	d.t.(*testing.T).Setenv("SESSION_DB_PASSWORD", storetest.Password)
	s := tale{inbox: docInbox, login: docLogin, bye: docLogin}
	s.then = func(d *documented, b *browser) {
		phone := d.browser()
		s.logIn(d, phone)
		s.isAlice(d, phone)
		b.submit(s.logout()).assertLeads(d.t, 303, docLogin) // everywhere
		s.isNobody(d, phone)
		s.logIn(d, b)
		s.isAlice(d, b)
		// Another node ends it.
		execute(d.t, storetest.Open(d.t, d.store), "DELETE FROM "+table)
		eventually(d.t, "the session is over on this node, too", func() bool { return b.fetch(docInbox).status == 401 })
		d.app.take()
		s.logIn(d, b)
	}
	s.tell(d, block)
	d.secretURL(d.store)
}

func storyOfObserving(d *documented, block string) {
	d.run(block)
	s := tale{inbox: docInbox, login: docLogin}
	b := d.browser()
	assertANON(d.t, s.visit(d, b, docInbox))
	s.logIn(d, b)
	s.isAlice(d, b)
	b.submit(s.logout()).assertLeads(d.t, 303, docRoot)
	assertANON(d.t, s.visit(d, b, docInbox))
	eventually(d.t, "the access log says whose each request was", func() bool {
		var seen []string
		for _, entry := range d.log.entries(d.t, "http.log.access") {
			seen = append(seen, fmt.Sprint(entry["session"], " ", entry["user_id"]))
		}
		return slices.Contains(seen, "ok alice") && slices.Contains(seen, "none ")
	})
}

func storyOfADatabaseThatGoes(d *documented, block string) {
	s := tale{inbox: docInbox, login: docLogin, bye: docRoot}
	s.then = func(d *documented, b *browser) {
		other := d.browser()
		logInAs(d, other, s.asksFor(), carol)
		db := storetest.Open(d.t, d.store)
		execute(d.t, db, "ALTER TABLE "+table+" RENAME TO gone")
		// Who was here lately stays, also when the cache is over, and who was not
		// is not logged out.
		eventually(d.t, "alice is served from memory", func() bool {
			s.isAlice(d, b)
			return strings.Contains(d.log.String(), "serving sessions from memory")
		})
		p := other.navigate(docInbox)
		assertEqual(d.t, "status", p.status, 503)
		assertEqual(d.t, "Set-Cookie", p.header.Get("Set-Cookie"), "")
		execute(d.t, db, "ALTER TABLE gone RENAME TO "+table)
		eventually(d.t, "the database is asked again", func() bool { return other.fetch(docInbox).status == 200 })
		d.app.take()
		assertID(d.t, s.visit(d, other, docInbox), carol)
		s.isAlice(d, b)
	}
	s.tell(d, block)
}
