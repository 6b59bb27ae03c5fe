//go:build unix

package tests

import (
	"net"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
)

// balance ends TLS for a server that speaks plain http, as load balancers do,
// and returns its address.
func balance(t testing.TB, s *server) string {
	t.Helper()
	balancer := httptest.NewTLSServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: s.address})
		r.Out.Host = r.In.Host
		r.SetXForwarded()
	}})
	t.Cleanup(balancer.Close)
	return balancer.Listener.Addr().String()
}

// formPage is a login page that asks who somebody is, and believes it.
func formPage(c net.Conn, r *message) {
	if strings.HasPrefix(r.first, "POST ") {
		reply(200, "", "Remote-User: "+strings.TrimPrefix(r.body, "user="))(c, r)
		return
	}
	reply(200, `<form method="post"><input name="user"><button>Log in</button></form>`, "Content-Type: text/html")(c, r)
}

// One login for two hosts of a domain: the site is plain http to Caddy, and
// https to everybody else.
func TestD1_InABrowser_OneLoginBehindABalancer(t *testing.T) {
	config := setup{
		global: "servers {\n trusted_proxies static private_ranges\n}",
		realm:  "cookie {\n domain example.com\n}",
		site: `
		handle /favicon.ico {
			respond 404
		}
		@login host login.example.com
		handle @login {
			handle /login {
				session_login {
					redirect {query.return_to} /
				}
				reverse_proxy {page}
			}
			handle /out {
				header Content-Type text/html
				respond <<HTML
					<form method="post" action="/logout"><button>Log out</button></form>
					HTML
			}
			handle /logout {
				session_logout {
					redirect https://login.example.com/login
				}
			}
		}
		handle /leave {
			session_logout {
				redirect https://login.example.com/login
			}
		}
		handle {
			session {
				redirect https://login.example.com/login
			}
			respond "hello {http.session.user}"
		}`,
	}
	s := startTCP(t, config)
	s.page.answers(formPage)
	b := openBrowserAt(t, balance(t, s))
	// 1. Alice is sent to the form, fills it in, and is where she wanted to be.
	const page, other = "https://app.example.com/page?x=y", "https://other.example.com/"
	const form = "https://login.example.com/login"
	b.assertPage(b.visit(page), 200, form+"?return_to=https%3A%2F%2Fapp.example.com%2Fpage%3Fx%3Dy", "Log in")
	b.fill("input", "alice")
	b.assertPage(b.click("button"), 200, page, "hello alice")
	// 2. On another host of the domain she is known.
	b.assertPage(b.visit(other), 200, other, "hello alice")
	// 3. After her logout she is nowhere.
	b.visit("https://login.example.com/out")
	b.assertPage(b.click("button"), 200, form, "Log in")
	b.assertPage(b.visit(other), 200, form+"?return_to=https%3A%2F%2Fother.example.com%2F", "Log in")
	b.assertCookies("__Secure-session")
	// 4. A link to a logout leads to a page that asks, and its button to another host.
	b.fill("input", "alice")
	b.click("button")
	b.visit("https://app.example.com/leave")
	b.assertPage(b.click("form button"), 200, form, "Log in")
	b.assertCookies("__Secure-session")
}
