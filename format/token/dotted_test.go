package token

import (
	"testing"
)

// TestOpenDotted_NothingIsNoToken: its signature may be as good as any.
func TestOpenDotted_NothingIsNoToken(t *testing.T) {
	open := must[Opener](t)(OpenExpress([]string{"secret"}))
	sign := func(id string) string { return "s:" + id + "." + remixSignature(id, "secret") }
	if got, err := open(sign("id"), vectorsMade); got != "id" || err != nil {
		t.Fatalf("%q, %v", got, err)
	}
	for _, value := range []string{sign(""), "s:id", "s:id.", "id." + remixSignature("id", "secret"), ""} {
		if got, err := open(value, vectorsMade); err != ErrBad {
			t.Errorf("%q: %q, %v", value, got, err)
		}
	}
}

// TestOpenUnsigned: what has the form of a signed cookie, and nothing else.
func TestOpenUnsigned(t *testing.T) {
	for _, c := range []struct{ prefix, value, want string }{
		{"s:", "s%3Aid.sig", "id"},
		{"s:", "s:a.b.sig", "a.b"},
		{"", "id.sig", "id"},
		{"s:", "id.sig", ""},
		{"s:", "s:id", ""},
		{"s:", "s%3Aid%zz.sig", ""},
		{"", "id", ""},
	} {
		got, err := OpenUnsigned(c.prefix)(c.value, vectorsMade)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s%q: %q, %v", c.prefix, c.value, got, err)
		}
	}
}
