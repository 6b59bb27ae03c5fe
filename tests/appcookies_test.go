//go:build unix

package tests

import (
	"strings"
	"testing"
)

func TestGuard_AppCookiesGoWithTheUser(t *testing.T) {
	s := start(t, setup{site: strings.Replace(guarded("app_cookies JSESSIONID app"), "optional", "optional\napp_cookies JSESSIONID app", 1)})
	const companion = cookieName + "-app"
	theirs := "JSESSIONID=alices; app=hers; other=1"
	// 1. Alice logs in, and uses the app.
	token := s.login(alice)
	a := s.get("/", cookie(token))
	assertStatus(t, a, 200)
	tie, attributes := setCookie(t, a, companion)
	assertEqual(t, "attributes", strings.Join(attributes, "; "), "HttpOnly; Path=/; SameSite=Lax; Secure")
	s.app.take()
	// 2. From then on the app's cookies reach the app, and nothing is set any more.
	a = s.get("/", "Cookie: "+cookieName+"="+token+"; "+companion+"="+tie+"; "+theirs)
	got := s.app.one(t)
	assertEqual(t, "cookies", got.value("Cookie"), theirs)
	assertEqual(t, "Set-Cookie", a.value("Set-Cookie"), "")
	// 3. Carol logs in at the same browser. The app must not take her for Alice.
	other := s.become(carol)
	for _, cookies := range []string{
		cookieName + "=" + other + "; " + companion + "=" + tie + "; " + theirs,
		cookieName + "=" + other + "; " + theirs,
		cookieName + "=" + other + "; " + companion + "=x; " + theirs,
		cookieName + "=" + other + "; " + companion + "=; " + theirs,
		cookieName + "=" + other + "; " + companion + "=" + tie + "; " + companion + "=y; " + theirs,
	} {
		a = s.get("/", "Cookie: "+cookies)
		assertStatus(t, a, 200)
		got = s.app.one(t)
		assertID(t, got, carol)
		assertEqual(t, "cookies", got.value("Cookie"), "other=1")
		for _, name := range []string{"JSESSIONID", "app"} {
			value, attributes := setCookie(t, a, name)
			assertEqual(t, name, value, "")
			assertContains(t, strings.Join(attributes, "; "), "Max-Age=0")
		}
		if hers, _ := setCookie(t, a, companion); hers == tie || hers == "" {
			t.Errorf("Carol's companion is %q, Alice's was %q", hers, tie)
		}
		assertContains(t, a.value("Cache-Control"), "no-store")
	}
	// 4. Without a session they belong to nobody.
	s.get("/public", "Cookie: "+companion+"="+tie+"; "+theirs)
	got = s.app.one(t)
	assertANON(t, got)
	assertEqual(t, "cookies", got.value("Cookie"), "other=1")
	// 5. A logout expires them, and so does a login.
	for _, a := range []*answer{
		s.post("/logout", "Cookie: "+cookieName+"="+token+"; "+companion+"="+tie+"; "+theirs),
		s.get(carol.becoming(), "Cookie: "+companion+"="+tie+"; "+theirs),
	} {
		for _, name := range []string{"JSESSIONID", "app"} {
			value, _ := setCookie(t, a, name)
			assertEqual(t, name, value, "")
		}
	}
	// 6. The app may set its cookies, but not the companion.
	s.app.answers(reply(200, "", "Set-Cookie: JSESSIONID=new", "Set-Cookie: "+companion+"=theirs"))
	hers := s.become(carol)
	a = s.get("/", cookie(hers))
	for _, line := range a.values("Set-Cookie") {
		if line == companion+"=theirs" {
			t.Errorf("the app set the companion: %q", line)
		}
	}
	assertContains(t, a.value("Set-Cookie"), "JSESSIONID=new")
}
