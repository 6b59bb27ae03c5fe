//go:build unix

package tests

import (
	"testing"

	"golang.org/x/crypto/bcrypt"
)

// What tests did not see when it was broken by hand.

// {http.auth.user.*} is nobody's after an error, and after a refusal.
func TestH5_TheIdentityIsTakenBackFromThePlaceholders(t *testing.T) {
	const told = "header_up X-Told {http.auth.user.id}|{http.auth.user.email}|"
	s := start(t, setup{site: guarded() + `
		handle /broken {
			session
			error 500
		}
		handle /forbidden {
			session {
				require groups nobody
			}
			respond "not reached"
		}
		handle_errors {
			reverse_proxy {app} {
				` + told + `
			}
		}`})
	token := s.login(alice)
	for _, target := range []string{"/broken", "/forbidden"} {
		s.get(target, cookie(token))
		got := s.app.one(t)
		assertANON(t, got)
		assertEqual(t, target, got.value("X-Told"), "||")
	}
}

// Who another module has found is nobody to a guard without a session.
func TestH9_AGuardWithoutASessionKeepsNobodyElsesUser(t *testing.T) {
	hash, err := bcrypt.GenerateFromPassword([]byte("wonderland"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, setup{site: `
		route {
			basic_auth {
				mallory ` + string(hash) + `
			}
			session {
				optional
			}
			reverse_proxy {app} {
				header_up X-Told {http.auth.user.id}|
			}
		}`})
	assertStatus(t, s.get("/", basic("mallory", "wonderland")), 200)
	got := s.app.one(t)
	assertANON(t, got)
	assertEqual(t, "told", got.value("X-Told"), "|")
}

// Of several lines that say where a request comes from, each must be good.
func TestS8_OneGoodLineOfTwoIsNotEnough(t *testing.T) {
	s := start(t, setup{})
	token := s.login(alice)
	for _, lines := range [][]string{
		{"Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"},
		{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-origin"},
		{"Origin: http://app.test", "Origin: http://evil.test"},
		{"Origin: http://evil.test", "Origin: http://app.test"},
		{"Origin: http://app.test:8080"},
		{"Sec-Fetch-Site: same-site"},
		{"Sec-Fetch-Site: Same-Origin"},
	} {
		if a := s.post("/logout", append(lines, cookie(token))...); a.status != 403 {
			t.Errorf("a logout with %q: status %d", lines, a.status)
		}
	}
	for _, lines := range [][]string{
		{"Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"},
		{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: none"},
		{"Origin: http://app.test", "Origin: http://evil.test"},
	} {
		if a := s.post(bob.becoming(), lines...); a.status != 403 {
			t.Errorf("a login with %q: status %d", lines, a.status)
		}
	}
	s.assertOK(s.get("/", cookie(token)), alice)
}

// A row that has been given to another realm by hand is nothing here.
func TestS5_ARowOfAnotherRealmIsNobodys(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 0"})
	token := s.login(alice)
	s.assertOK(s.get("/", cookie(token)), alice)
	execute(t, s.database(), "UPDATE "+table+" SET realm = 'other'")
	s.assertSTOP(s.get("/", cookie(token)))
	// Nor does a logout here end it.
	assertStatus(t, s.logout(token), 303)
	if n := rows(t, s.database()); n != 1 {
		t.Errorf("%d rows are left", n)
	}
}
