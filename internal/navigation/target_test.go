package navigation_test

import (
	"strings"
	"testing"

	"github.com/seed-11312c3d/caddy-session/internal/navigation"
)

func TestShown_NoSecretAndNotWithoutEnd(t *testing.T) {
	for target, want := range map[string]string{
		"/a/b":                           "/a/b",
		"/a?token=x#y":                   "/a...",
		"https://evil.example/a#token":   "https://evil.example/a...",
		"https://u:p@evil.example/a@b?c": "https://...@evil.example/a@b...",
		"//u:p@q@evil.example":           "//...@evil.example",
		"/" + strings.Repeat("é", 200):   "/" + strings.Repeat("é", 99) + "...",
		"https:u@evil.example//x@y/z":    "https:u@evil.example//...@y/z",
	} {
		if got := navigation.Shown(target); got != want {
			t.Errorf("%q: %q, want %q", target, got, want)
		}
	}
}

func TestWhyUnsafe_NamesTheRemedy(t *testing.T) {
	site := navigation.Site{Domain: "example.com"}
	for _, c := range []struct {
		target string
		site   navigation.Site
		want   string
	}{
		{"/\\evil", site, "neither a path nor an address"},
		{"//evil.example", site, "neither a path nor an address"},
		{"https://u@app.example.com/", site, "neither a path nor an address"},
		{"http://app.example.com/", site, "`trusted_proxies`"},
		{"https://app.example.org/", site, "not below the cookie's domain example.com"},
		{"https://app.example.org/", navigation.Site{}, "has no `domain`"},
		{"/fine", site, "too long"},
	} {
		if got := navigation.WhyUnsafe(c.target, c.site); !strings.Contains(got, c.want) {
			t.Errorf("%q: %q, want %q in it", c.target, got, c.want)
		}
	}
}
