package format_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed-11312c3d/caddy-session/format"
)

func withCredentials(t *testing.T, patterns ...string) *format.Foreign {
	t.Helper()
	f, err := open(customWith(func(o *format.Options) { o.Credentials = patterns }), "sqlite")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// C4: a program's other keys are known by name in every spelling that some
// reader takes for theirs, and nothing else is.
func TestC4CredentialsByName(t *testing.T) {
	f := withCredentials(t, "remember_web_*", "*_k", "joomla_*_me", "__Secure-nc.token")
	for name, want := range map[string]bool{
		"remember_web_59ba36": true, "remember_web_": true, "Remember_Web_x": true,
		"__Secure-remember_web_x": true, "__Host-remember_web_x": true, "__host-REMEMBER_web_x": true,
		"remember.web.x": true, "remember[web_x": true, "remember web_x": true, // PHP
		"remember%5Fweb_x": true, "%72emember_web_x": true, // decoded names
		" remember_web_x": true, "\u00a0remember_web_x": true,
		"phpbb_k": true, "_k": true,
		"joomla_a_me": true, "joomla__me": true, "joomla_me": false, // head and tail do not overlap
		"nc.token": true, "nc_token": true, "__Secure-nc.token": true,
		"remember_we": false, "xremember_web_x": false, "phpbb_k1": false, "nc.tokens": false, "": false, "%": false,
		"theme": false, "__Host-": false,
	} {
		if got := f.IsCredential(name); got != want {
			t.Errorf("%q: %t", name, got)
		}
	}
	if withCredentials(t).IsCredential("anything") {
		t.Error("without patterns something is a credential")
	}
}

// C4: a pattern that would take all cookies away, or none, is a slip of the pen.
func TestC4CredentialPatterns(t *testing.T) {
	for _, pattern := range []string{"*", "", "__Secure-*", "__Host-", "a*b*", "a;b", "a=b", "a b", "a\x00", "a%20"} {
		_, err := open(customWith(func(o *format.Options) { o.Credentials = []string{pattern} }), "sqlite")
		if err == nil || !strings.Contains(err.Error(), "credentials: ") {
			t.Errorf("%q: %v", pattern, err)
		}
	}
	if lines := withCredentials(t, "remember_*").Describe(); !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, "remember_*") }) {
		t.Error(lines)
	}
}

// C4: no check of a cookie's name costs memory.
func TestC4CredentialsAllocateNothing(t *testing.T) {
	f := withCredentials(t, "remember_web_*", "*_k")
	if n := testing.AllocsPerRun(100, func() { f.IsCredential("__Secure-some_other_cookie") }); n != 0 {
		t.Error(n, "allocations")
	}
}
