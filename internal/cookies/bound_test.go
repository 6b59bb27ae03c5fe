package cookies

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// testKeys make MACs of a secret.
type testKeys string

func (k testKeys) MAC(purpose string, texts ...string) [16]byte {
	mac := hmac.New(sha256.New, []byte(k))
	fmt.Fprintf(mac, "%q %q", purpose, texts)
	return [16]byte(mac.Sum(nil))
}

func (k testKeys) MACs(purpose string, texts ...string) [][16]byte {
	return [][16]byte{testKeys("newer").MAC(purpose, texts...), k.MAC(purpose, texts...)}
}

func bound(owner string) *Binding {
	return Bind([]string{"app", "other"}, testKeys("one"), "main", owner)
}

// withheld returns what is left of a Cookie line, and what was withheld.
func withheld(b *Binding, line string) (string, []string) {
	h := http.Header{"Cookie": {line}}
	names := b.Withhold(h, slices.Clone(h["Cookie"]))
	return h.Get("Cookie"), names
}

func TestS13_OnlyASealOfTheSameCookieUserAndRealmBinds(t *testing.T) {
	alice := bound("alice")
	seal := alice.Seal("app", "v")
	for name, c := range map[string]struct {
		binding           *Binding
		name, value, seal string
		fits              bool
	}{
		"its own":           {alice, "app", "v", seal, true},
		"another user":      {bound("bob"), "app", "v", seal, false},
		"nobody":            {bound(""), "app", "v", seal, false},
		"another value":     {alice, "app", "w", seal, false},
		"another name":      {alice, "other", "v", seal, false},
		"something behind":  {alice, "app", "v", seal + "!", false},
		"half":              {alice, "app", "v", seal[:11], false},
		"nothing":           {alice, "app", "v", "", false},
		"of another's keys": {Bind([]string{"app"}, testKeys("two"), "main", "alice"), "app", "v", seal, false},
		"of another realm":  {Bind([]string{"app"}, testKeys("one"), "else", "alice"), "app", "v", seal, false},
	} {
		if c.binding.Fits(c.name, c.value, []string{"x", c.seal}) != c.fits {
			t.Errorf("%s fits: %v", name, !c.fits)
		}
	}
}

func TestS13_WhatIsWithheld(t *testing.T) {
	alice, bob := bound("alice"), bound("bob")
	seal := "app-bound=" + alice.Seal("app", "v")
	for _, c := range []struct {
		name, line, left string
		withheld         []string
	}{
		{"bound", "a=b; app=v; " + seal, "a=b; app=v", nil},
		{"bound, the seal first", seal + "; app=v", "app=v", nil},
		{"white space is no part of it", "app\t= v ; " + seal + " ", "app\t= v ", nil},
		{"not bound", "a=b; app=v", "a=b", []string{"app"}},
		{"bound to another", "app=v; app-bound=" + bob.Seal("app", "v") + "; a=b", " a=b", []string{"app"}},
		{"one of two values", "app=w; app=v; app=x; " + seal, "app=v", []string{"app"}},
		{"a seal under another's name", "app=v; a=" + alice.Seal("app", "v"), " a=" + alice.Seal("app", "v"), []string{"app"}},
		{"of another's name", "xapp-bound=1; app-bounds=2", "xapp-bound=1; app-bounds=2", nil},
		{"several", "app=v; other=w", "", []string{"app", "other"}},
	} {
		left, names := withheld(alice, c.line)
		if strings.TrimSpace(left) != strings.TrimSpace(c.left) || !slices.Equal(names, c.withheld) {
			t.Errorf("%s: %q, withheld %q", c.name, left, names)
		}
	}
	if left, names := withheld(&Binding{Names: []string{"app"}}, "app=v; "+seal+"; a=b"); strings.TrimSpace(left) != "a=b" || !slices.Equal(names, []string{"app"}) {
		t.Errorf("without keys: %q, withheld %q", left, names)
	}
}

// Other cookies take no seal's place, and what one request can ask for is bounded.
func TestS13_HowManySealsAreTried(t *testing.T) {
	b := bound("alice")
	seal := "; app-bound=" + b.Seal("app", "v")
	others := strings.Repeat("; a=b", 100)
	if left, _ := withheld(b, "app=v"+others+seal); !strings.Contains(left, "app=v") {
		t.Error("other cookies count as seals")
	}
	tried, asked := 0, 0
	counting := &Binding{Names: b.Names, Fits: func(name, value string, seals []string) bool {
		tried, asked = tried+len(seals), asked+1
		return b.Fits(name, value, seals)
	}}
	if left, _ := withheld(counting, "app=v"+strings.Repeat("; app-bound=x", 63)+seal); !strings.Contains(left, "app=v") || tried != 64 {
		t.Errorf("%d seals were tried: %q", tried, left)
	}
	tried = 0
	if withheld(counting, "app=v"+strings.Repeat("; app-bound=x", 1000)); tried != 64 {
		t.Errorf("%d seals were tried", tried)
	}
	// A thousand cookies of the app's name cost a MAC each for the first 64 only.
	asked = 0
	if left, names := withheld(counting, strings.Repeat("app=w; ", 1000)+"app-bound=x"); asked != 64 || left != "" || !slices.Equal(names, []string{"app"}) {
		t.Errorf("%d cookies were looked at: %q %q", asked, left, names)
	}
	asked = 0
	if withheld(counting, "app=v; other=w"); asked != 0 {
		t.Errorf("without a seal %d cookies were looked at", asked)
	}
}

// What some backend takes for the app's cookie is withheld like it.
func TestS13_LookAlikesAreWithheld(t *testing.T) {
	b := Bind([]string{"laravel_session"}, testKeys("one"), "main", "alice")
	own := "laravel_session=v; laravel_session-bound=" + b.Seal("laravel_session", "v")
	for _, pair := range []string{
		"laravel.session=w", "LARAVEL_SESSION=w", "laravel[session=w", "laravel session=w", "x=1 laravel_session=w", "x=1, laravel_session = w",
		"x=1\tLaravel_Session=w", `x="a laravel_session=w"`,
	} {
		if left, _ := withheld(b, pair+"; "+own); strings.TrimSpace(left) != "laravel_session=v" {
			t.Errorf("%q: %q", pair, left)
		}
	}
	for _, pair := range []string{"laravel-session=w", "xlaravel_session=w", "x=laravel_session=w", "x=a laravel_sessions=w", "x=a b,c"} {
		if left, _ := withheld(b, pair+"; "+own); !strings.Contains(left, pair) {
			t.Errorf("%q: %q", pair, left)
		}
	}
}

func TestS13_WhatBindsHasTheSameAttributes(t *testing.T) {
	b := bound("alice")
	seal := b.Seal("app", "v")
	for line, want := range map[string]string{
		"app=v":                                 "app-bound=" + seal + "; HttpOnly",
		"app=v; Path=/x; Max-Age=60":            "app-bound=" + seal + "; Path=/x; Max-Age=60; HttpOnly",
		" app = v ; httponly ;Domain=a.example": "app-bound=" + seal + "; httponly ;Domain=a.example",
		"session=v; Path=/":                     "",
	} {
		if got := strings.Join(b.Lines([]string{line}), "|"); got != want {
			t.Errorf("%q: %q", line, got)
		}
	}
	host := made(t, Attributes{Name: "sid"})
	if lines := b.Expire(host, "app"); len(lines) != 2 || !strings.HasPrefix(lines[0], "app=; ") || !strings.HasPrefix(lines[1], "app-bound=; ") {
		t.Error(lines)
	}
}
