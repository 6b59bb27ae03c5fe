//go:build unix

package tests

import (
	"slices"
	"strings"
	"testing"
)

// healSite has a guarded app whose pages greet, a login that asks nobody, and a
// logout with a button. Browsers ask for an icon by themselves: refused to
// somebody with two cookies, it would heal them before the page does.
const healSite = `
	handle /favicon.ico {
		respond 404
	}
	handle /login {
		session_login {
			user alice
			redirect {query.return_to} /app/
		}
	}
	handle /out {
		header Content-Type text/html
		respond <<HTML
			<form method="post" action="/logout"><button>Log out</button></form>
			HTML
	}
	handle /logout {
		session_logout {
			redirect /bye
		}
	}
	handle /bye {
		respond "bye"
	}
	handle {
		session {
			redirect /login
		}
		respond "hello {http.session.user}"
	}
`

// The operator changes `domain`, then `path`. Browsers keep what they had, and
// send two cookies.
func TestD2_InABrowser_ACookieOfAnEarlierConfigurationHeals(t *testing.T) {
	const name, site = "__Secure-sid", "https://app.example.com"
	cookie := func(options string) string { return "cookie " + name + " {\n" + options + "\n}" }
	config := setup{site: healSite, realm: cookie("path /app")}
	s := startHTTPS(t, config, "app.example.com")
	balancer := forward(t, s)
	b := openBrowserAt(t, balancer.Addr().String())
	b.assertPage(b.visit(site+"/app/page"), 200, site+"/app/page", "hello alice")
	b.assertCookies(name, "app.example.com/app")
	for _, change := range []struct{ options, held string }{
		{"domain example.com", ".example.com/"},
		{"path /", "app.example.com/"},
		{"domain app.example.com\npath /app/", ".app.example.com/app/"},
	} {
		former := b.cookies(name)
		config.realm = cookie(change.options)
		s.listenAgain(config, "app.example.com")
		balancer.cut()
		// 1. The next login leaves two cookies of the name.
		b.assertPage(b.visit(site+"/login?return_to=/out"), 200, site+"/out", "Log out")
		b.assertCookies(name, append(former, change.held)...)
		// 2. The guard has both forgotten, and the login is one that lasts.
		b.assertPage(b.visit(site+"/app/page"), 200, site+"/app/page", "hello alice")
		b.assertCookies(name, change.held)
		b.assertPage(b.visit(site+"/app/other"), 200, site+"/app/other", "hello alice")
	}
}

// Another host of the domain is Mallory's, who has a session of his own.
func TestD2_InABrowser_ACookieThatASiblingHasSetHeals(t *testing.T) {
	const name, site, evil = "__Secure-sid", "https://app.example.com", "https://evil.example.com"
	config := setup{site: "handle /mallory {\n session_login {\n user mallory\n }\n}\n" + healSite, realm: "cookie " + name}
	s := startHTTPS(t, config, "app.example.com")
	a := s.httpsGet(site + "/mallory")
	token, _, _ := strings.Cut(strings.TrimPrefix(a, name+"="), ";")
	_, port, _ := strings.Cut(s.address, ":")
	config.sites = httpsSite(s.address, []string{"evil.example.com"}) + `
		handle /root {
			header Set-Cookie "` + name + `=` + token + `; Domain=example.com; Secure"
		}
		handle /deep {
			header Set-Cookie "` + name + `=` + token + `; Domain=example.com; Path=/app/deep; Secure"
		}
		respond "a nice page on ` + port + `"
	}`
	s.listenAgain(config, "app.example.com")
	s.awaitCertificates([]string{"evil.example.com"})
	b := openBrowser(t, s)
	for _, c := range []struct{ toss, tossed string }{{"/root", ".example.com/"}, {"/deep", ".example.com/app/deep"}} {
		// 1. Alice is logged in, and looks at Mallory's page.
		b.assertPage(b.visit(site+"/app/deep/x"), 200, site+"/app/deep/x", "hello alice")
		b.assertPage(b.visit(evil+c.toss), 200, evil+c.toss, "nice")
		b.assertCookies(name, c.tossed, "app.example.com/")
		// 2. She is nobody else, and herself again after one more login.
		b.assertPage(b.visit(site+"/app/deep/x"), 200, site+"/app/deep/x", "hello alice")
		b.assertCookies(name, "app.example.com/")
		// 3. Nor is she when she logs out.
		b.assertPage(b.visit(evil+"/root"), 200, evil+"/root", "nice")
		b.visit(site + "/out")
		b.assertPage(b.click("button"), 200, site+"/bye", "bye")
		b.assertCookies(name)
	}
}

// assertCookies: the browser holds these forms of a cookie, and no others.
func (c *chromium) assertCookies(name string, want ...string) {
	c.t.Helper()
	slices.Sort(want)
	if got := c.cookies(name); !slices.Equal(got, want) {
		c.t.Errorf("the browser holds %s for %q, want %q", name, got, want)
	}
}
