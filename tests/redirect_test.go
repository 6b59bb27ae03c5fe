//go:build unix

package tests

import (
	"strings"
	"testing"
)

func TestS7_ALoginLeadsNowhereElse(t *testing.T) {
	s := start(t, setup{site: `
		handle /login {
			session_login {
				user alice
				redirect {query.return_to} /home
			}
		}`})
	for target, want := range map[string]string{
		"":                               "/home",
		"/":                              "/",
		"/a/b?c=d%26e":                   "/a/b?c=d&e",
		"/%2Fevil.example":               "/home",
		"//evil.example":                 "/home",
		"%2F%2Fevil.example":             "/home",
		"///evil.example":                "/home",
		"/%5Cevil.example":               "/home",
		"%5C%5Cevil.example":             "/home",
		"%5C/evil.example":               "/home",
		"/%09/evil.example":              "/home",
		"/%0A/evil.example":              "/home",
		"/%0D/evil.example":              "/home",
		"%09//evil.example":              "/home",
		"%20//evil.example":              "/home",
		"/%00/evil.example":              "/home",
		"/a%0d%0aSet-Cookie:%20x=y":      "/home",
		"/%7f":                           "/home",
		"https:evil.example":             "/home",
		"https:/evil.example":            "/home",
		"https://evil.example":           "/home",
		"HTTPS://evil.example":           "/home",
		"https:%5C%5Cevil.example":       "/home",
		"http://app.test/x":              "/home",
		"https://app.test/x":             "/home",
		"https://app.test@evil.example/": "/home",
		"https://user:pass@app.test/":    "/home",
		"javascript:alert(1)":            "/home",
		"data:text/html,x":               "/home",
		"evil.example":                   "/home",
		"a/b":                            "/home",
		"@evil.example":                  "/home",
		"?x":                             "/home",
		"%23x":                           "/home",
		"/%2509/evil.example":            "/%09/evil.example",
		"/x%2523y":                       "/x%23y",
		"/a?u=//evil.example":            "/a?u=//evil.example",
		"/%C3%A4":                        "/%C3%A4",
	} {
		a := s.get("/login?return_to="+target, "X-Forwarded-Host: evil.example")
		assertStatus(t, a, 303)
		if got := a.values("Location"); len(got) != 1 || got[0] != want {
			t.Errorf("return_to=%s leads to %q, want %q", target, got, want)
		}
	}
	// The attacker's Host does not make his site ours.
	for _, host := range []string{"evil.example", "evil.example:80"} {
		a := s.raw("GET /login?return_to=https://evil.example/ HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
		assertEqual(t, "Location", a.value("Location"), "/home")
		a = s.raw("GET http://" + host + "/login?return_to=//" + host + " HTTP/1.1\r\nHost: app.test\r\n\r\n")
		assertEqual(t, "Location", a.value("Location"), "/home")
	}
}

func TestS7_WithACookieDomainItsHostsAreTheSameSite(t *testing.T) {
	s := start(t, setup{
		realm: "cookie __Secure-session {\n domain example.com\n}",
		site: `
		session_login {
			user alice
			redirect {query.return_to}
		}`,
	})
	for target, want := range map[string]string{
		"https://app.example.com/x":            "https://app.example.com/x",
		"https://example.com/":                 "https://example.com/",
		"https://APP.Example.COM/":             "https://APP.Example.COM/",
		"http://app.example.com/":              "/", // the cookie would not go there
		"https://evil.example/":                "/",
		"https://evilexample.com/":             "/",
		"https://example.com.evil.example/":    "/",
		"https://example.com%40evil.example/":  "/",
		"https://a@app.example.com/":           "/",
		"https://evil.example%5C.example.com/": "/",
		"https://evil.example%23.example.com/": "/",
		"https://evil.example%3F.example.com/": "/",
		"https://evil.example%2F.example.com/": "/",
		"https:app.example.com":                "/",
		"https:///app.example.com":             "/",
		"//app.example.com/":                   "/",
		"ftp://app.example.com/":               "/",
		"/x":                                   "/x",
	} {
		a := s.raw("GET /?return_to=" + target + " HTTP/1.1\r\nHost: login.example.com\r\n\r\n")
		assertStatus(t, a, 303)
		assertEqual(t, "return_to="+target, a.value("Location"), want)
	}
}

func TestS10_OnlyPageNavigationsAreRedirected(t *testing.T) {
	s := start(t, setup{site: guarded("redirect /login")})
	html := "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, c := range []struct {
		name     string
		text     string
		redirect bool
	}{
		{"browser", request("GET", "/a?b=c", html, "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"), true},
		{"HEAD", request("HEAD", "/a?b=c", html), true},
		{"old browser", request("GET", "/a?b=c", html), true},
		{"frame", request("GET", "/a?b=c", html, "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"), true},
		{"curl", request("GET", "/a?b=c", "Accept: */*"), false},
		{"no Accept", request("GET", "/a?b=c"), false},
		{"API", request("GET", "/a?b=c", "Accept: application/json"), false},
		{"fetch", request("GET", "/a?b=c", "Accept: */*", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty"), false},
		{"fetch for HTML", request("GET", "/a?b=c", html, "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty"), false},
		{"image", request("GET", "/a?b=c", "Accept: image/*,*/*", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image"), false},
		{"script", request("GET", "/a?b=c", html, "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: script"), false},
		{"XMLHttpRequest", request("GET", "/a?b=c", html, "X-Requested-With: XMLHttpRequest"), false},
		{"WebSocket", request("GET", "/a?b=c", html, "Upgrade: websocket", "Connection: Upgrade"), false},
		{"PUT", requestWithBody("PUT", "/a?b=c", "", html), false},
		{"HTML refused", request("GET", "/a?b=c", "Accept: text/html;q=0, application/json"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := s.raw(c.text)
			if c.redirect {
				s.assertRedirect(a, "/login?return_to=%2Fa%3Fb%3Dc")
			} else {
				s.assertSTOP(a)
			}
		})
	}
}

func TestS10_TheAddressComesBackWhole(t *testing.T) {
	s := start(t, setup{site: `
		handle_path /app/* {
			session {
				redirect /login?theme=dark
			}
			reverse_proxy {app}
		}
		handle {
			session {
				redirect https://login.example/start#top
			}
			reverse_proxy {app}
		}`})
	const html = "Accept: text/html"
	// The original address counts, not what rewrites made of it.
	s.assertRedirect(s.get("/app/x%2Fy?a=1&b=%26", html), "/login?theme=dark&return_to=%2Fapp%2Fx%252Fy%3Fa%3D1%26b%3D%2526")
	// An address on another host is told where to come back to.
	s.assertRedirect(s.get("/x?y", html), "https://login.example/start?return_to="+"http%3A%2F%2Fapp.test%2Fx%3Fy"+"#top")
	for _, target := range []string{"//evil.example/", "/\\evil.example"} {
		a := s.get(target, html)
		if a.status < 400 {
			location := a.value("Location")
			if !strings.HasPrefix(location, "https://login.example/start?return_to=http%3A%2F%2Fapp.test%2F") {
				t.Errorf("%s leads to %s", target, location)
			}
		}
	}
}
