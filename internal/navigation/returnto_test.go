package navigation

import (
	"net/url"
	"strings"
	"testing"
)

func TestD2_ALocationStaysShort(t *testing.T) {
	own := Origin{"https", "app.test", true}
	long := strings.Repeat("x", 3000)
	for _, c := range []struct{ name, login, original, want string }{
		{"short", "/login", "/a?b=c", "/login?return_to=%2Fa%3Fb%3Dc"},
		{"a long query is left out", "/login", "/a?b=" + long, "/login?return_to=%2Fa"},
		{"then a long path", "/login?x=y#z", "/" + long, "/login?x=y#z"},
		{"escapes count", "/login", "/a?" + strings.Repeat("&", 900), "/login?return_to=%2Fa"},
		{"another host", "https://login.test/", "/a?b=" + long, "https://login.test/?return_to=https%3A%2F%2Fapp.test%2Fa"},
		{"return_to does not nest", "/login", "/step?return_to=%2Fx&a=b&return%5Fto=c&return_to", "/login?return_to=%2Fstep%3Fa%3Db"},
		{"what only looks like it stays", "/login", "/step?xreturn_to=1", "/login?return_to=%2Fstep%3Fxreturn_to%3D1"},
	} {
		original, err := url.Parse(c.original)
		if err != nil {
			t.Fatal(err)
		}
		got, err := WithReturnTo(c.login, own, original)
		if got != c.want || err != nil {
			t.Errorf("%s: got %.200q, %v, want %q", c.name, got, err, c.want)
		}
	}
	if got, err := WithReturnTo("/"+long, own, &url.URL{Path: "/"}); err == nil {
		t.Errorf("a login page with a long address is %.100q", got)
	}
	longest := 0
	for length := range 3000 {
		got, err := WithReturnTo("/login", own, &url.URL{Path: "/a", RawQuery: strings.Repeat("x", length)})
		if err != nil || len(got) >= 2048 {
			t.Fatalf("a query of %d bytes makes a Location of %d, %v", length, len(got), err)
		}
		longest = max(longest, len(got))
	}
	if longest != MaxLocation {
		t.Errorf("the longest Location has %d bytes", longest)
	}
	for length, ok := range map[int]bool{MaxLocation: true, MaxLocation + 1: false} {
		login := "/" + strings.Repeat("x", length-1)
		if got, err := WithReturnTo(login, own, &url.URL{Path: "/"}); (err == nil) != ok || ok && got != login {
			t.Errorf("an address of %d bytes: %v", length, err)
		}
	}
}

func TestD2_WhichPageIsItsOwn(t *testing.T) {
	own, asked := Origin{"https", "app.test", true}, &url.URL{Path: "/login", RawQuery: "x=y"}
	for target, want := range map[string]bool{
		"/login": true, "/login?return_to=/": true, "/login#top": true, "/%6Cogin": true, "/x/../login": true, "/./login": true,
		"https://app.test/login": true, "https://APP.test:443/login": true, "http://app.test/login": true, "//app.test/login": true,
		"/login/": false, "/": false, "/Login": false, "/login/x": false, "https://login.test/login": false, "https://app.test:8443/login": false,
		"//login.test/login": false, "http://[": false, "/%zz": false,
	} {
		if got := IsOwnPage(target, own, asked); got != want {
			t.Errorf("%s: %v, want %v", target, got, want)
		}
	}
}

func TestD2_WhatMayBeATarget(t *testing.T) {
	for target, ok := range map[string]bool{
		"/": true, "/login?x={query.x}": true, "https://login.test/": true, "http://login.test": true, "{vars.login}": true, "https://{host}/x": true,
		"": false, "login": false, "login/{query.x}": false, "//login.test/": false, "ftp://login.test/": false, "https:login": false, "https:///x": false,
		"javascript:alert(1)": false, "/\\login.test": false, "/a\nb": false, "?x": false, "#x": false, "../login": false,
		"/%zz": false, "http://[": false, "/a\x7f": false, "/a b~": true,
	} {
		if err := CheckTarget(target); (err == nil) != ok {
			t.Errorf("%q: %v", target, err)
		}
		if !strings.Contains(target, "{") && IsTarget(target) != ok {
			t.Errorf("%q: at use it is otherwise", target)
		}
	}
}
