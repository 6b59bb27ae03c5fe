//go:build unix

package tests

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// cookieName is what the session's cookie is called unless configured.
const cookieName = "__Host-session"

// setCookie returns the parts of the one Set-Cookie line for a cookie.
func setCookie(t testing.TB, a *answer, name string) (value string, attributes []string) {
	t.Helper()
	var found []string
	for _, line := range a.values("Set-Cookie") {
		if strings.HasPrefix(line, name+"=") {
			found = append(found, line)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d Set-Cookie lines for %s, want 1:\n%v", len(found), name, a)
	}
	parts := strings.Split(found[0], "; ")
	return strings.TrimPrefix(parts[0], name+"="), slices.Sorted(slices.Values(parts[1:]))
}

// newToken returns the token that an answer sets.
func (s *server) newToken(a *answer) string {
	s.t.Helper()
	if a.status >= 400 {
		s.t.Fatalf("the login failed:\n%v", a)
	}
	token, _ := setCookie(s.t, a, cookieName)
	if len(token) < 32 {
		s.t.Fatalf("the login set the token %q", token)
	}
	s.secret(token)
	return token
}

// login has somebody log in at the login page, and returns the token.
func (s *server) login(who identity, lines ...string) string {
	s.t.Helper()
	s.page.answers(who.loginPage())
	return s.newToken(s.get("/login", lines...))
}

// become starts a session without a login page, and returns the token.
func (s *server) become(who identity) string {
	s.t.Helper()
	return s.newToken(s.get(who.becoming()))
}

// cookie is the Cookie line of a browser that has the token.
func cookie(token string) string { return "Cookie: " + cookieName + "=" + token }

// logout ends a session as its browser would.
func (s *server) logout(token string) *answer {
	s.t.Helper()
	return s.post("/logout", cookie(token), "Sec-Fetch-Site: same-origin")
}

// assertExpired: the answer expires the session's cookie, with the attributes
// that it was set with.
func assertExpired(t testing.TB, a *answer) {
	t.Helper()
	value, attributes := setCookie(t, a, cookieName)
	assertEqual(t, "the expired cookie's value", value, "")
	want := []string{"HttpOnly", "Max-Age=0", "Path=/", "SameSite=Lax", "Secure"}
	got := slices.DeleteFunc(attributes, func(attribute string) bool { return strings.HasPrefix(attribute, "Expires=") })
	if !slices.Equal(got, want) {
		t.Errorf("the cookie is expired with %q, want %q", got, want)
	}
}

// forged returns a token that has the right form, but a wrong MAC.
func forged(token string) string {
	flip := map[byte]byte{'A': 'B'}
	c, ok := flip[token[20]]
	if !ok {
		c = 'A'
	}
	return token[:20] + string(c) + token[21:]
}

// eventually polls until a condition holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	storetest.Eventually(t, what, holds)
}

// tokenBytes are the bytes that a token is written for.
func tokenBytes(t testing.TB, token string) []byte {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatalf("the token is not base64url: %v", err)
	}
	return raw
}
