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
