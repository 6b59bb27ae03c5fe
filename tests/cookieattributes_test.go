//go:build unix

package tests

import (
	"slices"
	"strings"
	"testing"
)

func TestGuard_CookieAttributes(t *testing.T) {
	for _, c := range []struct{ realm, name, attributes string }{
		{"", "__Host-session", "HttpOnly; Path=/; SameSite=Lax; Secure"},
		{"cookie __Host-sid", "__Host-sid", "HttpOnly; Path=/; SameSite=Lax; Secure"},
		{"cookie sid {\n same_site strict\n}", "sid", "HttpOnly; Path=/; SameSite=Strict; Secure"},
		{"cookie sid {\n same_site none\n}", "sid", "HttpOnly; Path=/; SameSite=None; Secure"},
		{"cookie {\n insecure\n}", "session", "HttpOnly; Path=/; SameSite=Lax"},
		{"cookie {\n domain example.com\n}", "__Secure-session", "Domain=example.com; HttpOnly; Path=/; SameSite=Lax; Secure"},
		{"cookie {\n path /login\n}", "__Secure-session", "HttpOnly; Path=/login; SameSite=Lax; Secure"},
		{"lifetime 2h\ncookie {\n persist\n}", "__Host-session", "HttpOnly; Max-Age=7200; Path=/; SameSite=Lax; Secure"},
	} {
		t.Run(c.realm, func(t *testing.T) {
			s := start(t, setup{realm: c.realm})
			a := s.get("/login")
			token, attributes := setCookie(t, a, c.name)
			s.secret(token)
			assertEqual(t, "attributes", strings.Join(attributes, "; "), c.attributes)
			s.assertOK(s.get("/", "Cookie: "+c.name+"="+token), alice)
			// The cookie is expired with the attributes that it was set with.
			a = s.post("/logout", "Cookie: "+c.name+"="+token)
			_, expired := setCookie(t, a, c.name)
			drop := func(attribute string) bool {
				return strings.HasPrefix(attribute, "Max-Age=") || strings.HasPrefix(attribute, "Expires=")
			}
			if got, want := slices.DeleteFunc(expired, drop), slices.DeleteFunc(attributes, drop); !slices.Equal(got, want) {
				t.Errorf("expired with %q, set with %q", got, want)
			}
		})
	}
}
