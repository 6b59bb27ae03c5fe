//go:build unix

package tests

import (
	"bytes"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
)

// formLines are what a browser sends with a form that a page has posted.
var formLines = []string{
	"Accept: text/html,application/xhtml+xml", "Content-Type: application/x-www-form-urlencoded",
	"Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document", "Sec-Fetch-Site: same-origin", "Origin: http://app.test",
}

var pageLines = []string{"Accept: text/html", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}

func TestS10_AFormAfterTheEndOfItsSessionLeadsBackToItsPage(t *testing.T) {
	s := start(t, setup{site: guarded("redirect /login?x=1")})
	for referer, back := range map[string]string{
		"http://app.test/orders/7?edit=1#top": "%2Forders%2F7%3Fedit%3D1", "https://app.test/orders": "%2Forders",
		"": "%2F", "http://evil.test/orders": "%2F", "http://app.test.evil.test/": "%2F", "http://app.test//evil.test": "%2F",
		"http://app.test\\evil": "%2F", "http://app.test": "%2F", "javascript:alert(1)": "%2F", "http://app.test@evil.test/x": "%2F",
	} {
		lines := formLines
		if referer != "" {
			lines = append(lines[:len(lines):len(lines)], "Referer: "+referer)
		}
		a := s.raw(requestWithBody("POST", "/orders/7/save", "a=b", lines...))
		assertStatus(t, a, 303)
		assertEqual(t, "Location after "+referer, a.value("Location"), "/login?x=1&return_to="+back)
		s.app.untouched(t)
	}
	// What is no form that a person has sent gets 401.
	for what, lines := range map[string][]string{
		"a script":       {"Accept: */*", "Sec-Fetch-Mode: cors", "Content-Type: application/x-www-form-urlencoded"},
		"an old script":  {"Accept: text/html", "X-Requested-With: XMLHttpRequest", "Content-Type: application/x-www-form-urlencoded"},
		"htmx over http": {"Accept: text/html", "HX-Request: true", "Content-Type: application/x-www-form-urlencoded"},
		"JSON":           {"Accept: text/html", "Content-Type: application/json"},
		"a tool":         {"Accept: */*", "Content-Type: application/x-www-form-urlencoded"},
	} {
		if a := s.raw(requestWithBody("POST", "/orders/7/save", "{}", lines...)); a.status != 401 {
			t.Errorf("%s: status %d", what, a.status)
		}
	}
}

func TestS10_PiecesOfPagesAreAskedForByScripts(t *testing.T) {
	s := start(t, setup{site: guarded("redirect /login")})
	for _, line := range []string{"HX-Request: true", "hx-request: true", "X-PJAX: true", "Turbo-Frame: list", "X-Up-Version: 3", "X-Inertia: true", "RSC: 1"} {
		if a := s.get("/", "Accept: text/html", line); a.status != 401 {
			t.Errorf("%s: status %d", line, a.status)
		}
	}
	assertStatus(t, s.get("/", "Accept: text/html"), 302)
}

func TestD4_ALinkToTheLogoutAsksFirst(t *testing.T) {
	s := start(t, setup{})
	token := s.login(alice)
	// 1. A link ends nothing, and shows a button.
	a := s.get("/logout?x=<script>", append(pageLines, cookie(token))...)
	assertStatus(t, a, 200)
	assertContains(t, a.body, `<form method="post"><button>`)
	assertEqual(t, "pages in the answer", strings.Count(a.body, "<html"), 1)
	assertEqual(t, "script in the page", strings.Contains(a.body, "<script"), false)
	assertEqual(t, "Cache-Control", a.value("Cache-Control"), "no-store")
	assertContains(t, a.value("Content-Security-Policy"), "frame-ancestors 'none'")
	assertEqual(t, "Set-Cookie", a.value("Set-Cookie"), "")
	s.assertOK(s.get("/", cookie(token)), alice)
	// 2. Images, scripts and tools are refused.
	for _, lines := range [][]string{{"Accept: image/png", "Sec-Fetch-Dest: image", "Sec-Fetch-Mode: no-cors"}, {"Accept: */*"}, {"Accept: text/html", "Sec-Fetch-Mode: cors"}} {
		assertStatus(t, s.get("/logout", append(lines, cookie(token))...), 405)
	}
	assertStatus(t, s.raw(request("PUT", "/logout", append(pageLines, cookie(token))...)), 405)
	// 3. The button works.
	assertStatus(t, s.post("/logout", append(formLines, cookie(token))...), 303)
	assertStatus(t, s.get("/", cookie(token)), 401)
}

func TestD4_PeopleGetAPageAndProgramsALine(t *testing.T) {
	s := start(t, setup{site: guarded("require groups admins") + `
		handle /old {
			session {
				redirect /login
				require groups nobody
			}
			reverse_proxy {app}
		}`, realm: "cache_ttl 0"})
	hers, his := s.login(alice), s.login(carol)
	ask := func(target string, status int, lines ...string) {
		t.Helper()
		for kind, want := range map[string][]string{"text/html": pageLines, "text/plain": {"Accept: */*"}} {
			a := s.get(target, append(want[:len(want):len(want)], lines...)...)
			assertStatus(t, a, status)
			assertContains(t, a.value("Content-Type"), kind)
			if len(a.body) < 20 || len(a.body) > 2000 {
				t.Errorf("%d bytes for %s: %s", len(a.body), kind, a.body)
			}
			for _, secret := range []string{"carol", "alice", "groups", "admins", "sqlite", "no such table", token32(his), token32(hers)} {
				if strings.Contains(a.body, secret) {
					t.Errorf("the body tells %q: %s", secret, a.body)
				}
			}
			assertEqual(t, "Cache-Control", a.value("Cache-Control"), "no-store")
		}
	}
	ask("/", 401)
	ask("/", 403, cookie(his))
	// A link to the login where there is one.
	assertContains(t, s.get("/old", append(pageLines, cookie(his))...).body, `<a href="/login?return_to=%2Fold">`)
	// None where another login would not help.
	execute(t, s.database(), "UPDATE "+table+" SET user_id = 'car' || char(10) || 'ol' WHERE user_id = 'carol'")
	ask("/", 502, cookie(his))
	assertEqual(t, "a link", strings.Contains(s.get("/old", append(pageLines, cookie(his))...).body, "<a"), false)
	// A guard that sends nobody to log in has nothing to complain about.
	assertEqual(t, "a complaint", strings.Contains(s.log.String(), "cannot be sent to log in"), false)
	// A body is none of HEAD's.
	assertStatus(t, s.raw("HEAD / HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n"), 401)
	breakQueries(t, s.database())
	ask("/", 503, cookie(hers))
}

func token32(token string) string { return token[:32] }

// An error route replaces all of that.
func TestD4_AnErrorRouteReplacesOurPages(t *testing.T) {
	s := start(t, setup{site: guarded() + "handle_errors {\nrespond \"mine {err.status_code}\" {err.status_code}\n}"})
	a := s.get("/", pageLines...)
	assertStatus(t, a, 401)
	assertEqual(t, "body", a.body, "mine 401")
	// JSON may say that there are error routes, and then name none.
	config, err := adapt(s.caddyfile(setup{}))
	if err != nil {
		t.Fatal(err)
	}
	none := bytes.Replace(config, []byte(`"srv0":{`), []byte(`"srv0":{"errors":{},`), 1)
	if err := caddy.Load(none, true); err != nil || bytes.Equal(none, config) {
		t.Fatal(err)
	}
	assertContains(t, s.get("/", pageLines...).body, "You are not logged in")
}
