package commandline

import (
	"strings"
	"testing"

	"github.com/seed-11312c3d/caddy-session/internal/cookies"
	"github.com/seed-11312c3d/caddy-session/store"
)

func TestCookieIn(t *testing.T) {
	cookie, err := cookies.New(cookies.Attributes{Name: "sid", Insecure: true})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"abc":                  "abc",
		" abc\n":               "abc",
		"sid=abc":              "abc",
		"a=b; sid=abc; c=d":    "abc",
		"Cookie: a=b; sid=abc": "abc",
		"cookie:sid=s:abc.d":   "s:abc.d",
		"s:abc.d":              "s:abc.d", // a colon of the value's own
		"":                     "error: no cookie on the standard input",
		"Cookie: other=abc":    "error: no cookie of the realm's name",
		"a=b; c=d":             "error: no cookie of the realm's name",
		"eyJh=; sid=":          "",
	} {
		got, err := cookieIn(cookie, text)
		if problem, ok := strings.CutPrefix(want, "error: "); ok {
			if err == nil || !strings.Contains(err.Error(), problem) {
				t.Errorf("%q: %q %v, want %q", text, got, err, problem)
			}
		} else if err != nil || got != want {
			t.Errorf("%q: %q %v, want %q", text, got, err, want)
		}
	}
}

// A browser may hold the realm's cookie under the name that it had formerly.
func TestCookieIn_FormerName(t *testing.T) {
	cookie, err := cookies.New(cookies.Attributes{Realm: "staff"})
	if err != nil {
		t.Fatal(err)
	}
	first, second := strings.Repeat("A", 64), "AQ"+strings.Repeat("A", 74)
	for text, want := range map[string]string{
		"Cookie: __Host-session=x; __Host-session=" + first:              first,
		"Cookie: __Host-session=" + first + "; __Host-staff-session=now": "now",
		"Cookie: __Host-session=" + second:                               "",
	} {
		if got, err := cookieIn(cookie, text); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q %v, want %q", text, got, err, want)
		}
	}
}

func TestAddClaims(t *testing.T) {
	claims := make(store.Claims)
	if err := addClaims(claims, []string{"groups=a, b", "groups=c", "name=Al=x", "role=1", "role=2"}); err != nil {
		t.Fatal(err)
	}
	if got := claims["groups"].String(); got != "a,b,c" || !claims["groups"].IsList() {
		t.Error(got)
	}
	if claims["name"].String() != "Al=x" || claims["name"].IsList() || claims["role"].String() != "1,2" {
		t.Error(claims)
	}
	if err := addClaims(claims, []string{"name"}); err == nil || !strings.Contains(err.Error(), "name=value") {
		t.Error(err)
	}
}
