//go:build unix

package tests

import (
	"strings"
	"testing"
)

func TestS8_ACrossSitePOSTStartsNoSession(t *testing.T) {
	s := start(t, setup{})
	db := s.database()
	s.page.answers(alice.loginPage())
	// 1. Mallory's page has the victim's browser log in as somebody else.
	for _, lines := range [][]string{
		{"Sec-Fetch-Site: cross-site"},
		{"Sec-Fetch-Site: cross-site", "Origin: http://app.test"},
		{"Origin: https://evil.example"},
		{"Origin: null"},
		{"Origin: http://app.test.evil.example"},
		{"Origin: https://evil.example", "X-Forwarded-Host: evil.example"},
	} {
		for _, target := range []string{"/login", alice.becoming()} {
			a := s.post(target, lines...)
			assertStatus(t, a, 403)
			assertEqual(t, "cookies", a.value("Set-Cookie"), "")
			assertContains(t, a.value("Cache-Control"), "no-store")
		}
	}
	// Her own form, open in another tab for too long, is answered with a page.
	a := s.post("/login", append(formLines[:len(formLines):len(formLines)], "Sec-Fetch-Site: cross-site")...)
	assertStatus(t, a, 403)
	assertContains(t, a.value("Content-Type"), "text/html")
	assertContains(t, a.body, "came from another site")
	assertEqual(t, "pages in the answer", strings.Count(a.body, "<html"), 1)
	assertEqual(t, "rows", rows(t, db), 0)
	// 2. Single sign-on returns with a GET from another site; forms come from our own.
	for _, text := range []string{
		request("GET", "/login", "Sec-Fetch-Site: cross-site"),
		requestWithBody("POST", "/login", "", "Sec-Fetch-Site: same-origin", "Origin: http://app.test"),
		requestWithBody("POST", "/login", "", "Sec-Fetch-Site: none"),
		requestWithBody("POST", "/login", "", "Origin: http://app.test"),
		requestWithBody("POST", "/login", ""), // no browser
	} {
		s.newToken(s.raw(text))
	}
}

func TestS8_LogoutNeedsAPOSTFromTheSameOrigin(t *testing.T) {
	s := start(t, setup{})
	token := s.login(alice)
	// 1. Mallory's page cannot log Alice out.
	for _, lines := range [][]string{
		{"Sec-Fetch-Site: cross-site"},
		{"Sec-Fetch-Site: same-site"},
		{"Sec-Fetch-Site: cross-site", "Origin: http://app.test"},
		{"Origin: https://evil.example"},
		{"Origin: null"},
		{"Origin: http://sub.app.test"},
		{"Sec-Fetch-Site: nonsense"},
	} {
		a := s.post("/logout", append(lines, cookie(token))...)
		assertStatus(t, a, 403)
		assertContains(t, a.body, "came from another site")
		assertEqual(t, "cookies", a.value("Set-Cookie"), "")
		s.assertOK(s.get("/", cookie(token)), alice)
	}
	// 2. Nor can an image, a prefetch or a link checker.
	for _, method := range []string{"GET", "HEAD", "PUT", "DELETE", "OPTIONS"} {
		a := s.raw(request(method, "/logout", cookie(token), "Sec-Fetch-Site: same-origin"))
		assertStatus(t, a, 405)
		assertContains(t, a.value("Allow"), "POST")
		assertEqual(t, "cookies", a.value("Set-Cookie"), "")
		s.assertOK(s.get("/", cookie(token)), alice)
	}
	// 3. Her own button can, and so can a script.
	for _, lines := range [][]string{
		{"Sec-Fetch-Site: same-origin", "Origin: http://app.test"},
		{"Sec-Fetch-Site: none"},
		{"Origin: http://app.test"},
		{},
	} {
		token := s.login(alice)
		a := s.post("/logout", append(lines, cookie(token))...)
		assertStatus(t, a, 303)
		assertEqual(t, "Location", a.value("Location"), "/bye")
		assertExpired(t, a)
		s.assertSTOP(s.get("/", cookie(token)))
	}
}
