package cookies

import (
	"testing"
	"time"
)

// Nothing of a line but its value may change when a configuration does not:
// to a browser another path or domain is another cookie.
func TestC5_WhatOurLinesSay(t *testing.T) {
	for _, c := range []struct {
		a           Attributes
		set, expire string
	}{
		{
			Attributes{},
			"__Host-session=t; Path=/; HttpOnly; Secure; SameSite=Lax",
			"__Host-session=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax",
		},
		{
			Attributes{Domain: ".Example.com", SameSite: "Strict", Persist: true},
			"__Secure-session=t; Path=/; Domain=example.com; Max-Age=5400; HttpOnly; Secure; SameSite=Strict",
			"__Secure-session=; Path=/; Domain=example.com; Max-Age=0; HttpOnly; Secure; SameSite=Strict",
		},
		{
			Attributes{Path: "/app", SameSite: "none"},
			"__Secure-session=t; Path=/app; HttpOnly; Secure; SameSite=None",
			"__Secure-session=; Path=/app; Max-Age=0; HttpOnly; Secure; SameSite=None",
		},
		{
			Attributes{Insecure: true, SameSite: "lax"},
			"session=t; Path=/; HttpOnly; SameSite=Lax",
			"session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
		},
	} {
		cookie := made(t, c.a)
		if got := cookie.Set("t", 90*time.Minute); got != c.set {
			t.Errorf("%+v: %s", c.a, got)
		}
		if got := cookie.Expire(cookie.Name); got != c.expire {
			t.Errorf("%+v: %s", c.a, got)
		}
	}
}

// The second name is that of a cookie over http, which no secure one replaces
// there; with a prefix it never was one.
func TestC5_HowTheSecondNameIsExpired(t *testing.T) {
	for name, want := range map[string]string{
		"sid":          "sid=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
		"__Secure-sid": "__Secure-sid=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax",
		"__host-sid":   "__host-sid=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax",
	} {
		if got := made(t, Attributes{Name: "first", Else: name}).Expire(name); got != want {
			t.Error(got)
		}
	}
}

func TestS13_CookiesOfTheHostHaveNeitherDomainNorPath(t *testing.T) {
	cookie := made(t, Attributes{Name: "sid", Domain: "example.com", Path: "/app", SameSite: "strict"})
	if got, want := cookie.OfHost().Expire("app"), "app=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict"; got != want {
		t.Error(got)
	}
	if cookie.Domain != "example.com" || cookie.Path != "/app" {
		t.Error("the session's own cookie has changed")
	}
}

// Each realm has a cookie of its own, and none has the name of what stands beside
// another's, whatever the realms are called.
func TestC5_TheDefaultNameIsTheRealmsAlone(t *testing.T) {
	realms := []string{"", "a", "A-session", "a-session", "session", "x-bound", "x-out", "x-device", "session-out", "a-session-bound", "-out", "bound", "_"}
	for _, a := range []Attributes{{}, {Domain: "example.com"}, {Path: "/app"}, {Insecure: true}} {
		whose := make(map[string]string)
		for _, realm := range realms {
			a.Realm = realm
			c := made(t, a)
			former := a
			former.Realm = ""
			if want := made(t, former).Name; realm != "" && (c.Former != want || c.Owns(want) || c.FormerAskAgain() != want+"-out") || realm == "" && c.Former != "" {
				t.Errorf("%q: the former name is %q", realm, c.Former)
			}
			for _, name := range []string{c.Name, c.AskAgain(), c.Name + boundSuffix, c.Name + "-device"} {
				if other, taken := whose[name]; taken {
					t.Errorf("%s is of %q and of %q", name, other, realm)
				}
				whose[name] = realm
			}
		}
	}
	named := made(t, Attributes{Realm: "staff", Name: "sid"})
	if named.Name != "sid" || named.Former != "" || named.FormerAskAgain() != "" || named.IsFormer("") {
		t.Errorf("%+v", named)
	}
	for want, a := range map[string]Attributes{
		"__Host-staff-session": {Realm: "staff"}, "__Secure-staff-session": {Realm: "staff", Domain: "example.com"}, "staff-session": {Realm: "staff", Insecure: true},
	} {
		if c := made(t, a); c.Name != want || !c.IsFormer(c.Former) {
			t.Errorf("%s, want %s", c.Name, want)
		}
	}
	if _, err := New(Attributes{Realm: "__Host", Insecure: true}); err == nil {
		t.Error("a name that browsers refuse")
	}
}
