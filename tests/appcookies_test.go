//go:build unix

package tests

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/caddyserver/caddy/v2"
)

// appCookieSite is a guarded app, of whose cookies the guards know.
func appCookieSite() string {
	const option = "app_cookies JSESSIONID app"
	return strings.Replace(guarded(option), "optional", "optional\n"+option, 1)
}

func TestS13_AnAppCookieIsBoundToWhomTheAppSetItFor(t *testing.T) {
	s := start(t, setup{site: appCookieSite()})
	b := newProfile(s, "app.test")
	// 1. The app sets cookies for Alice. Each comes with one that binds it, with
	// the same attributes, and out of scripts' sight.
	b.become(t, alice)
	s.app.answers(reply(200, "ok", "Set-Cookie: JSESSIONID=hers; Path=/app; SameSite=Strict", "Set-Cookie: app=hers; HttpOnly; Max-Age=60", "Set-Cookie: other=1"))
	a := b.get("/app")
	seal, attributes := setCookie(t, a, "JSESSIONID-bound")
	assertEqual(t, "attributes", strings.Join(attributes, "; "), "HttpOnly; Path=/app; SameSite=Strict")
	_, attributes = setCookie(t, a, "app-bound")
	assertEqual(t, "attributes", strings.Join(attributes, "; "), "HttpOnly; Max-Age=60")
	assertContains(t, a.value("Cache-Control"), "no-store")
	s.app.take()
	// 2. They reach the app, and what binds them does not.
	assertEqual(t, "cookies", b.visit(t, "/app"), "JSESSIONID=hers; app=hers; other=1")
	// 3. Carol logs in at the same browser. The app must not take her for Alice.
	b.become(t, carol)
	assertEqual(t, "cookies", b.visit(t, "/app"), "other=1")
	token := s.become(carol)
	for _, sent := range [][]string{
		{"JSESSIONID=hers"},
		{"JSESSIONID=hers", "JSESSIONID-bound=" + seal},
		{"JSESSIONID-bound=" + seal, "JSESSIONID=hers"},
		{"JSESSIONID=hers", "JSESSIONID-bound=x"},
		{"JSESSIONID=hers", "JSESSIONID-bound="},
		{"JSESSIONID= hers", "JSESSIONID-bound=" + seal},
		{"JSESSIONID =hers"},
		{"=JSESSIONID=hers"},
		{"app=hers", "app-bound=" + seal},
	} {
		a = s.get("/app", jar(append(sent, "other=1", cookieName+"="+token)...))
		got := s.app.one(t)
		assertID(t, got, carol)
		assertEqual(t, fmt.Sprint("cookies of ", sent), got.value("Cookie"), "other=1")
		name := strings.Trim(strings.SplitN(sent[0], "=", 2)[0], " ")
		if name == "JSESSIONID" || name == "app" {
			value, attributes := setCookie(t, a, name)
			assertEqual(t, name, value, "")
			assertContains(t, strings.Join(attributes, "; "), "Max-Age=0")
		}
	}
	// 4. Without a session they are nobody's.
	s.get("/public", jar("JSESSIONID=hers", "JSESSIONID-bound="+seal, "other=1"))
	got := s.app.one(t)
	assertANON(t, got)
	assertEqual(t, "cookies", got.value("Cookie"), "other=1")
	// 5. A login expires them, and so does a logout.
	for _, a := range []*answer{b.get(alice.becoming()), b.post("/logout")} {
		for _, name := range []string{"JSESSIONID", "app", "JSESSIONID-bound", "app-bound"} {
			value, _ := setCookie(t, a, name)
			assertEqual(t, name, value, "")
		}
	}
	// 6. The app may set its cookies, but not what binds them.
	s.app.answers(reply(200, "", "Set-Cookie: JSESSIONID=new", "Set-Cookie: JSESSIONID-bound=theirs"))
	a = s.get("/", cookie(s.become(carol)))
	if seal, _ := setCookie(t, a, "JSESSIONID-bound"); seal == "theirs" {
		t.Errorf("the app has bound its cookie:\n%v", a)
	}
}

// Which of two answers comes last is nobody's to choose.
func TestS13_TwoAnswersAtOnceBindEachItsOwn(t *testing.T) {
	s := start(t, setup{site: appCookieSite()})
	b := newProfile(s, "app.test")
	b.become(t, alice)
	hers := b.answersAtOnce(t, "alice", 8)
	assertEqual(t, "Alice's cookie", b.visit(t, "/app"), "JSESSIONID="+hers)
	// An answer for Alice is under way while Bob logs in at the same browser. It
	// comes last, in whichever order.
	s.app.answers(reply(200, "ok", "Set-Cookie: JSESSIONID=late; Path=/"))
	late := b.s.get("/app", cookie(cookieOf(b, cookieName)))
	s.app.take()
	b.become(t, bob)
	b.keep("/app", late)
	assertEqual(t, "Bob's cookies", b.visit(t, "/app"), "")
	his := b.answersAtOnce(t, "bob", 8)
	assertEqual(t, "Bob's cookies", b.visit(t, "/app"), "JSESSIONID="+his)
}

// answersAtOnce has the app set a cookie in each of n answers at once, and
// returns the value that the browser keeps.
func (b *profile) answersAtOnce(t *testing.T, user string, n int) (last string) {
	t.Helper()
	token := cookieOf(b, cookieName)
	answers := make(chan *answer, n)
	var all sync.WaitGroup
	for i := range n {
		b.s.app.answers(reply(200, "ok", fmt.Sprintf("Set-Cookie: JSESSIONID=%s%d; Path=/", user, i)))
		all.Go(func() { answers <- b.s.get("/app", cookie(token)) })
	}
	all.Wait()
	close(answers)
	for a := range answers {
		b.keep("/app", a)
	}
	b.s.app.take()
	return cookieOf(b, "JSESSIONID")
}

// cookieOf is the value of a cookie in the browser.
func cookieOf(b *profile, name string) string {
	for _, c := range b.jar.Cookies(b.url("/app")) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// A value that rotates on each answer pushes no other out of any memory.
func TestS13_AHundredRotationsForgetNobody(t *testing.T) {
	s := start(t, setup{site: appCookieSite()})
	b := newProfile(s, "app.test")
	// 1. Alice has a cookie below /old, and another that rotates.
	b.become(t, alice)
	b.visit(t, "/old", "Set-Cookie: app=hers; Path=/old")
	for i := range 100 {
		b.visit(t, "/app", fmt.Sprintf("Set-Cookie: JSESSIONID=alice%d; Path=/", i))
	}
	assertEqual(t, "Alice's cookies", b.visit(t, "/old"), "app=hers; JSESSIONID=alice99")
	// 2. Bob has none of hers, after a hundred of his own as well.
	b.become(t, bob)
	for i := range 100 {
		b.visit(t, "/app", fmt.Sprintf("Set-Cookie: JSESSIONID=bob%d; Path=/", i))
	}
	assertEqual(t, "Bob's cookies", b.visit(t, "/old"), "JSESSIONID=bob99")
}

// White space around a value is no part of it to a browser.
func TestS13_WhiteSpaceRoundAValueIsNoPartOfIt(t *testing.T) {
	s := start(t, setup{site: appCookieSite()})
	for line, sent := range map[string]string{
		"JSESSIONID= hers ; Path=/": "JSESSIONID=hers", "JSESSIONID\t=\thers\t;Path=/": "JSESSIONID=hers",
		"JSESSIONID=\"hers\"": `JSESSIONID="hers"`, "JSESSIONID=a b": "JSESSIONID=a b", "JSESSIONID=": "JSESSIONID=", "JSESSIONID=a=b": "JSESSIONID=a=b",
	} {
		token := s.become(alice)
		s.app.answers(reply(200, "ok", "Set-Cookie: "+line))
		seal, _ := setCookie(t, s.get("/", cookie(token)), "JSESSIONID-bound")
		seal, _, _ = strings.Cut(seal, ";")
		s.app.take()
		s.app.answers(reply(200, "ok"))
		for who, want := range map[string]string{"alice": sent, "bob": ""} {
			session := token
			if who == "bob" {
				session = s.become(bob)
			}
			assertStatus(t, s.get("/", jar(cookieName+"="+session, sent, "JSESSIONID-bound="+seal)), 200)
			assertEqual(t, fmt.Sprintf("%s: cookies of %q", who, line), s.app.one(t).value("Cookie"), want)
		}
	}
}

// A cookie whose value depends on the user alone is as good the second time.
func TestS13_BobAliceBob(t *testing.T) {
	s := start(t, setup{site: appCookieSite()})
	b := newProfile(s, "app.test")
	for range 2 {
		for _, who := range []identity{bob, alice} {
			b.become(t, who)
			assertEqual(t, who.user+"'s cookies at first", b.visit(t, "/app", "Set-Cookie: JSESSIONID=of-"+who.user+"; Path=/app"), "")
			assertEqual(t, who.user+"'s cookies then", b.visit(t, "/app"), "JSESSIONID=of-"+who.user)
		}
	}
}

// A new key logs nobody out, and lets in nobody else.
func TestS13_ANewKeyChangesNothing(t *testing.T) {
	s := start(t, setup{site: appCookieSite()})
	b := newProfile(s, "app.test")
	b.become(t, alice)
	b.visit(t, "/app", "Set-Cookie: JSESSIONID=hers; Path=/app")
	db := s.database()
	execute(t, db, "UPDATE caddy_session_keys SET created = 1")
	execute(t, db, "INSERT INTO caddy_session_keys (id, secret, created) VALUES (2, ?, 2)", []byte(strings.Repeat("k", 32)))
	if err := caddy.Stop(); err != nil { // the keys are read at a start
		t.Fatal(err)
	}
	s.load(s.config)
	assertEqual(t, "Alice's cookies", b.visit(t, "/app", "Set-Cookie: app=hers; Path=/app"), "JSESSIONID=hers")
	assertEqual(t, "Alice's cookies", b.visit(t, "/app"), "JSESSIONID=hers; app=hers")
	b.become(t, bob)
	assertEqual(t, "Bob's cookies", b.visit(t, "/app"), "")
}

// A cookie for all hosts of a domain is its user's on each of them.
func TestS13_TwoHostsOfOneDomain(t *testing.T) {
	s := start(t, setup{realm: "cookie {\n domain app.test\n}", site: appCookieSite()})
	one, two := newProfile(s, "one.app.test"), (*profile)(nil)
	two = one.at("two.app.test")
	become := func(who identity) {
		t.Helper()
		if a := one.get(who.becoming()); a.status != 200 {
			t.Fatal(a)
		}
	}
	become(alice)
	one.visit(t, "/app", "Set-Cookie: JSESSIONID=hers; Domain=app.test; Path=/", "Set-Cookie: app=hers; Path=/")
	assertEqual(t, "Alice's cookies on the other host", two.visit(t, "/app"), "JSESSIONID=hers")
	assertEqual(t, "Alice's cookies", one.visit(t, "/app"), "JSESSIONID=hers; app=hers")
	become(bob)
	assertEqual(t, "Bob's cookies on the other host", two.visit(t, "/app"), "")
	assertEqual(t, "Bob's cookies", one.visit(t, "/app"), "")
}
