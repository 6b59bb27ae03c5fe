//go:build unix

package tests

import (
	"testing"
)

func TestLogout_Everywhere(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 1h", site: `
		handle /out {
			session_logout {
				everywhere
				redirect /bye
			}
		}` + guarded()})
	mine, phone, other := s.login(alice), s.login(alice), s.login(carol)
	for _, token := range []string{mine, phone} {
		s.assertOK(s.get("/", cookie(token)), alice)
	}
	a := s.post("/out", cookie(mine))
	assertStatus(t, a, 303)
	assertExpired(t, a)
	s.assertSTOP(s.get("/", cookie(mine)))
	s.assertSTOP(s.get("/", cookie(phone)))
	s.assertOK(s.get("/", cookie(other)), carol)
	// A forged token of hers ends nothing.
	again := s.login(alice)
	assertStatus(t, s.post("/out", cookie(forged(again))), 303)
	s.assertOK(s.get("/", cookie(again)), alice)
}

func TestLogout_WithoutASessionTheAnswerIsTheSame(t *testing.T) {
	s := start(t, setup{})
	token := s.login(alice)
	want := s.logout(token)
	for _, lines := range [][]string{nil, {cookie("x")}, {cookie(token)}, {cookie(forged(token))}, {"Cookie: a=b"}} {
		a := s.post("/logout", lines...)
		assertStatus(t, a, 303)
		assertEqual(t, "Location", a.value("Location"), want.value("Location"))
		assertExpired(t, a)
		assertEqual(t, "body", a.body, want.body)
		assertEqual(t, "Cache-Control", a.value("Cache-Control"), "no-store")
	}
}

func TestLogout_WithTwoValuesBothAreEnded(t *testing.T) {
	s := start(t, setup{})
	token, other := s.login(alice), s.login(alice)
	a := s.post("/logout", cookie(token)+"; "+cookieName+"="+other)
	assertStatus(t, a, 303)
	assertExpired(t, a)
	assertEqual(t, "rows", rows(t, s.database()), 0)
}

func TestLogout_WithoutRedirect(t *testing.T) {
	s := start(t, setup{site: "handle /out {\n session_logout\n respond \"gone\"\n}\n" + guarded()})
	token := s.login(alice)
	a := s.post("/out", cookie(token))
	if a.status != 200 && a.status != 204 && a.status != 303 {
		t.Errorf("status %d", a.status)
	}
	assertExpired(t, a)
	s.assertSTOP(s.get("/", cookie(token)))
	// What the configuration says literally may lead anywhere.
	s.load(setup{site: "handle /out {\n session_logout {\n redirect https://elsewhere.example/bye\n}\n}"})
	assertEqual(t, "Location", s.post("/out").value("Location"), "https://elsewhere.example/bye")
}
