//go:build unix

package tests

import (
	"fmt"
	"strings"
	"testing"
)

func TestGuard_Require(t *testing.T) {
	s := start(t, setup{site: guarded() + `
		handle_errors {
			header X-Status {http.session.status}
			respond "{err.status_code}" {err.status_code}
		}
		handle /admins {
			session {
				require groups admins wheel
			}
			reverse_proxy {app}
		}
		handle /and {
			session {
				require groups users
				require email alice@example.com
				require user alice bob
			}
			reverse_proxy {app}
		}
		handle /optional {
			session {
				optional
				require groups admins
			}
			reverse_proxy {app}
		}
		handle /redirect {
			session {
				redirect /login
				require groups admins
			}
			reverse_proxy {app}
		}`})
	people := map[string]string{"alice": s.login(alice), "bob": s.become(bob), "carol": s.become(carol)}
	for _, c := range []struct {
		target, user string
		status       int
	}{
		{"/admins", "alice", 200},
		{"/admins", "bob", 403},
		{"/admins", "carol", 403},
		{"/and", "alice", 200},
		{"/and", "bob", 403},
		{"/and", "carol", 403},
		{"/optional", "alice", 200},
		{"/optional", "carol", 403},
		{"/redirect", "alice", 200},
		{"/redirect", "carol", 403},
	} {
		a := s.get(c.target, cookie(people[c.user]), "Accept: text/html", "Remote-Groups: admins")
		assertStatus(t, a, c.status)
		if c.status == 403 {
			assertEqual(t, "status", a.value("X-Status"), "forbidden")
			s.assertRefusal(a)
			continue
		}
		assertID(t, s.app.one(t), alice)
	}
	// Without a session it is the usual answer.
	s.assertSTOP(s.get("/admins"))
	s.assertAnonymous(s.get("/optional"))
	s.assertRedirect(s.get("/redirect", "Accept: text/html"), "/login?return_to=%2Fredirect")
}

func TestGuard_Optional(t *testing.T) {
	s := start(t, setup{})
	token := s.login(alice)
	s.assertOK(s.get("/public", cookie(token)), alice)
	s.assertAnonymous(s.get("/public"))
	s.assertAnonymous(s.get("/public", cookie(forged(token))))
	s.assertAnonymous(s.get("/public", cookie("x")))
	assertStatus(t, s.logout(token), 303)
	s.assertAnonymous(s.get("/public", cookie(token)))
}

func TestF1_OptionalNeverDemotesAValidToken(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 0"})
	token := s.login(alice)
	repair := breakQueries(t, s.database())
	// Nobody knows whose token it is: no anonymous pass, no cleared cookie.
	s.assertDENY(s.get("/public", cookie(token), "Remote-User: mallory"))
	s.assertDENY(s.get("/", cookie(token), "Accept: text/html"))
	// Those who have none do not notice.
	s.assertAnonymous(s.get("/public"))
	s.assertSTOP(s.get("/"))
	repair()
	s.assertOK(s.get("/public", cookie(token)), alice)
}

func TestGuard_ObserveNeverBlocks(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 0", site: guarded("observe", "redirect /login", "require groups admins")})
	token, other := s.login(alice), s.login(carol)
	lie := "Remote-User: mallory"
	s.assertOK(s.get("/", cookie(token), lie), alice)
	// With a failed `require` as who they are.
	s.assertOK(s.get("/", cookie(other), lie), carol)
	// Without a session as nobody.
	s.assertAnonymous(s.get("/", lie, "Accept: text/html"))
	s.assertAnonymous(s.get("/", lie, cookie("x")))
	s.assertAnonymous(s.get("/", lie, cookie(token)+"; "+cookieName+"="+other))
	// With the store down as nobody.
	repair := breakQueries(t, s.database())
	s.assertAnonymous(s.get("/", lie, cookie(token)))
	repair()
	s.assertOK(s.get("/", lie, cookie(token)), alice)
	// The log says what each would have been refused with, and nothing of Alice.
	var statuses []string
	for _, entry := range s.log.entries(t, "http.handlers.session") {
		if entry["msg"] == "observed only: the request would have been refused" {
			statuses = append(statuses, fmt.Sprint(entry["status"]))
		}
	}
	assertEqual(t, "observed", strings.Join(statuses, " "), "403 401 401 401 503")
}

func TestGuard_ForwardCookie(t *testing.T) {
	s := start(t, setup{site: guarded("forward_cookie")})
	token := s.login(alice)
	sent := "a=b; " + cookieName + "=" + token + "; c=d"
	s.assertAnonymous(s.get("/public", "Cookie: a=b; "+cookieName+"=x"))
	assertStatus(t, s.get("/", "Cookie: "+sent), 200)
	got := s.app.one(t)
	assertID(t, got, alice)
	assertEqual(t, "cookies", got.value("Cookie"), sent)
}
