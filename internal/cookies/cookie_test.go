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
