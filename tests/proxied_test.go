//go:build unix

package tests

import (
	"strings"
	"testing"
)

// trusting has whoever connects by the Unix socket be a trusted proxy.
const trusting = "servers {\n trusted_proxies_unix\n}"

// toHost writes a request to another host than app.test.
func toHost(host, text string) string {
	return strings.Replace(text, "Host: app.test\r\n", "Host: "+host+"\r\n", 1)
}

// One login for all hosts of a domain, behind a balancer that ends TLS.
func TestD1_OneLoginForSubDomainsBehindABalancer(t *testing.T) {
	const name = "__Secure-session"
	s := start(t, setup{
		global: trusting, realm: "cookie {\n domain example.com\n}",
		listen: "http://app.example.com {\n bind unix/{socket}",
		site:   "session {\n redirect https://login.example.com/login\n}\nreverse_proxy {app}",
		sites: `http://login.example.com {
			bind unix/{socket}
			handle /login {
				session_login {
					redirect {query.return_to} /home
				}
				reverse_proxy {page}
			}
			handle /logout {
				session_logout {
					redirect https://app.example.com/
				}
			}
		}`,
	})
	balancer := []string{"X-Forwarded-Proto: https", "X-Forwarded-For: 192.0.2.7"}
	// 1. Alice asks for a page and is sent to the login, which knows where to.
	a := s.raw(toHost("app.example.com", request("GET", "/page?x=y", append(balancer, "Accept: text/html")...)))
	const login = "/login?return_to=https%3A%2F%2Fapp.example.com%2Fpage%3Fx%3Dy"
	s.assertRedirect(a, "https://login.example.com"+login)
	// 2. Her form, of an old browser, logs in, and she is back.
	s.page.answers(alice.loginPage())
	a = s.raw(toHost("login.example.com", requestWithBody("POST", login, "", append(balancer, "Origin: https://login.example.com")...)))
	assertStatus(t, a, 303)
	assertEqual(t, "Location", a.value("Location"), "https://app.example.com/page?x=y")
	token, _ := setCookie(t, a, name)
	s.secret(token)
	held := "Cookie: " + name + "=" + token
	s.assertOK(s.raw(toHost("app.example.com", request("GET", "/page?x=y", append(balancer, held)...))), alice)
	// 3. A page of the plain site, whose answers anybody on the way can write, is another origin.
	logout := func(origin string) *answer {
		return s.raw(toHost("login.example.com", requestWithBody("POST", "/logout", "", append(balancer, held, "Origin: "+origin)...)))
	}
	for _, origin := range []string{"http://login.example.com", "https://login.example.com:8443", "https://app.example.com"} {
		assertStatus(t, logout(origin), 403)
	}
	assertStatus(t, logout("https://login.example.com"), 303)
	s.app.untouched(t)
	// 4. Nobody was warned of anything.
	for _, entry := range s.log.entries(t, "session") {
		if entry["level"] == "warn" {
			t.Errorf("warned: %v", entry)
		}
	}
}

func TestD1_NobodyElseIsBelieved(t *testing.T) {
	site := setup{
		site:  guarded("redirect https://login.test/"),
		realm: "hosts app.named.test\ncookie {\n domain test\n name sid\n}",
	}
	forwarded := []string{"X-Forwarded-Proto: https", "X-Forwarded-Host: app.named.test", "X-Forwarded-For: 192.0.2.7", "Accept: text/html"}
	// 1. From an untrusted peer all of it is an attacker's.
	s := start(t, site)
	s.assertRedirect(s.get("/", forwarded...), "https://login.test/?return_to=http%3A%2F%2Fapp.test%2F")
	assertStatus(t, s.post("/logout", "X-Forwarded-Proto: https", "Origin: http://app.test"), 303)
	assertStatus(t, s.post("/logout", "X-Forwarded-Host: app.named.test", "Origin: http://app.named.test"), 403)
	// 2. From a trusted one it is the client's.
	site.global = trusting
	s.load(site)
	s.assertRedirect(s.get("/", forwarded...), "https://login.test/?return_to=https%3A%2F%2Fapp.named.test%2F")
	assertStatus(t, s.post("/logout", "X-Forwarded-Proto: https", "Origin: http://app.test"), 403)
	assertStatus(t, s.post("/logout", "X-Forwarded-Host: app.named.test", "Origin: http://app.named.test"), 303)
	// 3. But for hosts that are not the site's.
	a := s.get("/", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil.example", "Accept: text/html")
	s.assertRedirect(a, "https://login.test/?return_to=https%3A%2F%2Fapp.test%2F")
	assertStatus(t, s.post("/logout", "X-Forwarded-Host: evil.example", "Origin: http://evil.example"), 403)
}

func TestD1_ALoginLeadsBackToTheNamedHosts(t *testing.T) {
	s := start(t, setup{
		realm: "hosts App.Test other.test:8443",
		site:  "session_login {\n user alice\n redirect {query.return_to} /home\n}",
	})
	for target, want := range map[string]string{
		"https://app.test/x":         "https://app.test/x",
		"https://other.test:8443/x":  "https://other.test:8443/x",
		"https://other.test/x":       "/home",
		"http://app.test/x":          "/home", // the cookie would not go there
		"https://sub.app.test/x":     "/home",
		"https://evil.example/x":     "/home",
		"https://app.test@evil.test": "/home",
	} {
		a := s.get("/login?return_to=" + target)
		assertStatus(t, a, 303)
		assertEqual(t, "return_to="+target, a.value("Location"), want)
	}
}

func TestD1_TheClientsAddressIsCaddys(t *testing.T) {
	s := start(t, setup{global: trusting})
	db := s.database()
	address := func(of string) (addr string) {
		if err := db.QueryRow("SELECT client_addr FROM " + table + " WHERE user_id = '" + of + "'").Scan(&addr); err != nil {
			t.Fatal(err)
		}
		return addr
	}
	forwarded := "X-Forwarded-For: 192.0.2.7"
	s.login(alice, forwarded)
	assertEqual(t, "the row's address", address(alice.user), "192.0.2.7")
	// An event names it, too.
	s.page.answers(reply(200, "", "Remote-User: a\u200bb"))
	assertStatus(t, s.get("/login", forwarded), 502)
	told := false
	for _, entry := range s.log.entries(t, "session") {
		told = told || entry["event"] == "refused" && entry["client"] == "192.0.2.7"
	}
	if !told {
		t.Error("the event does not name the client's address")
	}
}

func TestD1_ALoginThatBrowsersWillDropIsWarnedOf(t *testing.T) {
	warnings := func(s *server) (n int) {
		for _, entry := range s.log.entries(t, "session") {
			if text, _ := entry["msg"].(string); strings.Contains(text, "`insecure`") && strings.Contains(text, "`trusted_proxies`") {
				n++
			}
		}
		return n
	}
	s := start(t, setup{global: trusting})
	become := func(host string, lines ...string) {
		assertStatus(t, s.raw(toHost(host, request("GET", alice.becoming(), lines...))), 200)
	}
	// 1. Nobody is warned where it works.
	for _, host := range []string{"localhost", "localhost:8080", "app.localhost", "127.0.0.1:8080", "[::1]:8080"} {
		become(host)
	}
	become("app.test", "X-Forwarded-Proto: https")
	assertEqual(t, "warnings", warnings(s), 0)
	// 2. The first login over plain http is warned of, and no other.
	become("app.test")
	become("app.test")
	become("other.test", "X-Forwarded-Proto: http")
	assertEqual(t, "warnings", warnings(s), 1)
	// 3. Who wants it is not.
	s.load(setup{realm: "cookie {\n insecure\n}"})
	become("app.test")
	assertEqual(t, "warnings", warnings(s), 1)
}

// What a login loses behind a balancer, or by a wrong domain, is said as it is.
func TestD1_WhatALoginLosesIsNamed(t *testing.T) {
	for _, c := range []struct{ realm, host, line, want string }{
		{"", "app.test", "X-Forwarded-Proto: https", "says X-Forwarded-Proto: https and is not believed"},
		{"cookie {\n domain example.com\n}", "app.test", "Accept: */*", "not below the cookie's domain example.com"},
		{"cookie {\n domain app.test\n}", "www.app.test", "X-Forwarded-Proto: https", "is not believed"},
	} {
		s := start(t, setup{realm: c.realm})
		assertStatus(t, s.raw(toHost(c.host, request("GET", alice.becoming(), c.line))), 200)
		assertContains(t, s.log.String(), c.want)
		stopCaddy(s)
	}
}
