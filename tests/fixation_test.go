//go:build unix

package tests

import (
	"strings"
	"testing"
)

func TestS1_ASelfChosenTokenNeverBecomesASession(t *testing.T) {
	s := start(t, setup{})
	real := s.login(carol)
	for _, chosen := range []string{strings.Repeat("A", 64), "mallory", "", forged(real), real[:63]} {
		// 1. Mallory plants a cookie of her choice in Alice's browser.
		s.assertSTOP(s.get("/", cookie(chosen)))
		// 2. Alice logs in: her token is another one.
		token := s.login(alice, cookie(chosen))
		if token == chosen {
			t.Fatal("the login took the planted token")
		}
		s.assertOK(s.get("/", cookie(token)), alice)
		// 3. Mallory's is still nothing.
		s.assertSTOP(s.get("/", cookie(chosen)))
	}
}

func TestS1_ALoginEndsTheSessionThatTheBrowserHad(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 1h"})
	db := s.database()
	// 1. Mallory plants the cookie of a session of her own.
	planted := s.login(mallory)
	s.assertOK(s.get("/", cookie(planted)), mallory)
	// 2. Alice logs in with it.
	token := s.login(alice, cookie(planted))
	if token == planted {
		t.Fatal("the login took over the former session's token")
	}
	// 3. Mallory's cookie is dead, at once and in the database.
	s.assertSTOP(s.get("/", cookie(planted)))
	s.assertOK(s.get("/", cookie(token)), alice)
	assertEqual(t, "rows", rows(t, db), 1)
	// 4. It is the same with two cookies, of which neither counts.
	other := s.login(bob)
	again := s.login(alice, cookie(other)+"; "+cookieName+"=x")
	s.assertOK(s.get("/", cookie(again)), alice)
	// 5. And with a login through `user`.
	last := s.newToken(s.get(carol.becoming(), cookie(again)))
	s.assertOK(s.get("/", cookie(last)), carol)
	s.assertSTOP(s.get("/", cookie(again)))
}
