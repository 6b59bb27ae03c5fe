//go:build unix

package tests

import (
	"strings"
	"testing"
)

func TestH5_WithTheStoreDownTheErrorRouteLearnsNothing(t *testing.T) {
	s := start(t, setup{
		store: "postgres://nobody:hush@127.0.0.1:1/none?sslmode=disable",
		site:  guarded() + errorRoute,
	})
	s.secret("hush")
	anyToken := strings.Repeat("A", 64)
	a := s.get("/", append(mallory.lines(remoteSet), cookie(anyToken), "Remote_User: x", "Connection: Remote-User")...)
	assertStatus(t, a, 200)
	got := s.app.one(t)
	assertEqual(t, "X-Error", got.value("X-Error"), "503")
	assertANON(t, got)
}

const errorRoute = `
	handle_errors {
		reverse_proxy {app} {
			header_up X-Error {err.status_code}
		}
	}
`

func TestH5_AfterAnErrorOurOwnHeadersAreGoneToo(t *testing.T) {
	s := start(t, setup{site: `
		handle /login {
			session_login
			reverse_proxy {page}
		}
		handle {
			session
			reverse_proxy unix/{dir}/nobody-listens
		}` + errorRoute})
	token := s.login(alice)
	// The guard lets Alice through, and the upstream is dead.
	a := s.get("/", cookie(token), "Remote-User: mallory")
	assertStatus(t, a, 200)
	got := s.app.one(t)
	assertEqual(t, "X-Error", got.value("X-Error"), "502")
	assertANON(t, got)
}

// An error route is told of each refusal by its status, and answers in its place.
func TestH5_EachRefusalReachesTheErrorRoute(t *testing.T) {
	s := start(t, setup{site: guarded("require groups admins") + errorRoute})
	s.page.answers(identity{user: "bad\x7fuser"}.loginPage())
	token := s.become(bob)
	for what, refusal := range map[string]struct{ request, status string }{
		"a login from another site":  {requestWithBody("POST", "/login", "", "Sec-Fetch-Site: cross-site"), "403"},
		"a logout from another site": {requestWithBody("POST", "/logout", "", "Sec-Fetch-Site: cross-site", cookie(token)), "403"},
		"a logout by a link":         {request("HEAD", "/logout", cookie(token)), "405"},
		"a method":                   {request("TRACE", "/", cookie(token)), "405"},
		"nobody":                     {request("GET", "/"), "401"},
		"too little":                 {request("GET", "/", cookie(token)), "403"},
		"a user that is none":        {request("GET", "/login"), "502"},
	} {
		s.raw(refusal.request)
		got := s.app.one(t)
		if got.value("X-Error") != refusal.status {
			t.Errorf("%s: the error route is told of %q, want %s", what, got.value("X-Error"), refusal.status)
		}
		assertANON(t, got)
	}
	// The look that a link checker takes is no login, and not refused as one.
	s.page.answers(alice.loginPage())
	assertStatus(t, s.raw(request("HEAD", "/login", "Sec-Fetch-Site: cross-site")), 200)
	s.app.untouched(t)
}

// The password of a prompt is asked for again by an error route, too.
func TestH5_APromptReachesTheErrorRoute(t *testing.T) {
	s := start(t, setup{site: promptSite + errorRoute})
	b, password := newProfile(s, "app.test"), basic("alice", "wonderland")
	s.newToken(b.get("/become?user=alice", password))
	assertStatus(t, b.post("/logout", password), 303)
	b.get("/become?user=alice", password)
	assertEqual(t, "X-Error", s.app.one(t).value("X-Error"), "401")
}

// Whatever ends in an error is no part of the error route's answer: the guard there
// sets the cookies, as it would anywhere else.
func TestH5_TheErrorRoutesGuardSetsItsCookies(t *testing.T) {
	s := start(t, setup{site: promptSite + `
		handle /page/broken {
			session_login
			error 500
		}
		handle /broken {
			session {
				optional
			}
			error 500
		}
		handle /stripped {
			session {
				strip_only
			}
			error 500
		}
		handle_errors {
			session {
				optional
				app_cookies JSESSIONID
			}
			reverse_proxy {app}
		}`})
	s.app.answers(reply(200, "sorry", "Set-Cookie: JSESSIONID=x; Path=/"))
	for what, lines := range map[string][]string{
		"/become":            nil, // as nobody
		"/become?user=alice": {basic("alice", "wonderland"), "Cookie: " + cookieName + "-out=1"},
		"/page":              nil,
		"/page/broken":       nil,
		"/broken":            nil,
		"/stripped":          nil,
	} {
		s.page.answers(identity{user: "bad\x7fuser"}.loginPage())
		a := s.get(what, lines...)
		assertEqual(t, what, a.body, "sorry")
		setCookie(t, a, "JSESSIONID-bound")
	}
}
