package navigation

import (
	"net/http"
	"testing"
)

// request is one with header lines `name, value, name, value`.
func request(method string, lines ...string) *http.Request {
	r := &http.Request{Method: method, Host: "app.test", Header: http.Header{}}
	for i := 0; i < len(lines); i += 2 {
		r.Header.Add(lines[i], lines[i+1])
	}
	return r
}

func TestS10_WhatIsAPage(t *testing.T) {
	const html = "text/html,application/xhtml+xml,*/*;q=0.8"
	for _, c := range []struct {
		r    *http.Request
		page bool
	}{
		{request("GET", "Accept", html), true},
		{request("HEAD", "Accept", html), true},
		{request("POST", "Accept", html), false},
		{request("PUT", "Accept", html), false},
		{request("GET"), false},
		{request("GET", "Accept", "*/*"), false},
		{request("GET", "Accept", "application/json"), false},
		{request("GET", "Accept", "application/json", "Accept", "application/XHTML+xml"), true},
		{request("GET", "Accept", "image/png , Text/HTML ; charset=x"), true},
		{request("GET", "Accept", "text/html;q=0"), false},
		{request("GET", "Accept", "text/html ; q = 0.000"), false},
		{request("GET", "Accept", "text/html;q=0.5"), true},
		{request("GET", "Accept", "text/htmlx"), false},
		{request("GET", "Accept", html, "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"), true},
		{request("GET", "Accept", html, "Sec-Fetch-Mode", "cors"), false},
		{request("GET", "Accept", html, "Sec-Fetch-Mode", ""), false},
		{request("GET", "Accept", html, "Sec-Fetch-Dest", "iframe"), true},
		{request("GET", "Accept", html, "Sec-Fetch-Dest", "frame"), true},
		{request("GET", "Accept", html, "Sec-Fetch-Dest", "image"), false},
		{request("GET", "Accept", html, "Sec-Fetch-Dest", ""), false},
		{request("GET", "Accept", html, "Upgrade", "websocket"), false},
		{request("GET", "Accept", html, "X-Requested-With", "XMLHttpRequest"), false},
		{request("GET", "Accept", html, "Hx-Request", "true"), false},
		{request("GET", "Accept", html, "X-Pjax", "true"), false},
		{request("GET", "Accept", html, "Turbo-Frame", "x"), false},
		{request("GET", "Accept", html, "X-Up-Version", "3"), false},
		{request("GET", "Accept", html, "X-Inertia", "true"), false},
		{request("GET", "Accept", html, "Rsc", "1"), false},
	} {
		if IsPage(c.r) != c.page {
			t.Errorf("%s %v is a page: %v", c.r.Method, c.r.Header, !c.page)
		}
	}
}

func TestS10_WhatIsAForm(t *testing.T) {
	for _, c := range []struct {
		method, accept, kind string
		form                 bool
	}{
		{"POST", "text/html", "application/x-www-form-urlencoded", true},
		{"POST", "text/html", "Multipart/Form-Data ; boundary=x", true},
		{"POST", "text/html", "text/plain", true},
		{"POST", "text/html", "", true},
		{"POST", "text/html", "application/json", false},
		{"POST", "*/*", "text/plain", false},
		{"GET", "text/html", "text/plain", false},
		{"PUT", "text/html", "text/plain", false},
	} {
		r := request(c.method, "Accept", c.accept, "Content-Type", c.kind)
		if IsForm(r) != c.form {
			t.Errorf("%+v: %v", c, !c.form)
		}
	}
}

func TestS10_WhereAFormWasPostedFrom(t *testing.T) {
	for referer, want := range map[string]string{
		"https://app.test/form?a=b#c": "/form?a=b",
		"http://app.test/form":        "/form",
		"https://app.test/":           "/",
		"https://app.test":            "/",
		"https://app.test.evil/x":     "/",
		"https://app.test//evil":      "/",
		"https://app.test:8443/x":     "/",
		"https://app.test@evil/x":     "/",
		"https://evil/x":              "/",
		"https://app.test/\\evil":     "/",
		"":                            "/",
		"/form":                       "/",
	} {
		if got := FormPage(request("POST", "Referer", referer)); got != want {
			t.Errorf("%q: %q", referer, got)
		}
	}
}

func TestD4_WhatIsAPreflight(t *testing.T) {
	const origin, asks = "Origin", "Access-Control-Request-Method"
	for _, c := range []struct {
		r         *http.Request
		preflight bool
	}{
		{request("OPTIONS", origin, "https://a.test", asks, "PUT"), true},
		{request("OPTIONS", origin, "https://a.test"), false},
		{request("OPTIONS", asks, "PUT"), false},
		{request("OPTIONS"), false},
		{request("OPTIONS", origin, "a", origin, "b", asks, "PUT"), false},
		{request("OPTIONS", origin, "a", asks, "PUT", asks, "GET"), false},
		{request("GET", origin, "https://a.test", asks, "PUT"), false},
	} {
		if IsPreflight(c.r) != c.preflight {
			t.Errorf("%s %v: %v", c.r.Method, c.r.Header, !c.preflight)
		}
	}
}

func TestD4_WhichPathsAreReadAlike(t *testing.T) {
	for path, plain := range map[string]bool{
		"/": true, "/a/b.c/!~..x/...": true, "/public/": true,
		"": false, "a": false, "//": false, "/a//b": false, "/.": false, "/a/../b": false, "/a/..": false, "/a%2fb": false,
		"/a;b": false, "/a\\b": false, "/a b": false, "/a\x7f": false, "/a\x80": false, "/\u00e4": false, "/a\n": false,
	} {
		if IsPlainPath(path) != plain {
			t.Errorf("%q: %v", path, !plain)
		}
	}
	patterns := PathPatterns{"/public/*", "/exact", "/pre*"}
	for path, fits := range map[string]bool{
		"/public/": true, "/public/x": true, "/public": false, "/exact": true, "/exact/": false, "/Exact": false, "/prefix": true, "/pre": true,
		"/pr": false, "/public/../admin": false, "/public/*": true, "": false,
	} {
		if patterns.Match(path) != fits {
			t.Errorf("%q fits: %v", path, !fits)
		}
	}
	for pattern, ok := range map[string]bool{"/*": true, "/a*": true, "/a": true, "*": false, "/a*b": false, "/a**": false, "/../*": false, "a": false, "": false} {
		if bad, found := (PathPatterns{"/good", pattern}).Bad(); found == ok || found && bad != pattern {
			t.Errorf("%q: %q, %v", pattern, bad, found)
		}
	}
}
