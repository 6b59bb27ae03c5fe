//go:build unix

package tests

import (
	"crypto/tls"
	"io"
	"net"
	"testing"

	"github.com/caddyserver/caddy/v2"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

func storyOfPublicPaths(d *documented, block string) {
	s := tale{inbox: docInbox, login: docLogin, bye: docRoot}
	s.then = func(d *documented, b *browser) {
		for _, public := range []string{"/health", "/robots.txt", "/static/app.js"} {
			assertANON(d.t, s.visit(d, d.browser(), onSite(docRoot, public)))
			assertANON(d.t, s.visit(d, b, onSite(docRoot, public)))
		}
		for _, other := range []string{"/healthz", "/static/..;/admin", "/static/%2e%2e/admin"} {
			assertEqual(d.t, other, d.browser().fetch(onSite(docRoot, other)).status, 401)
		}
		s.legacy(d).untouched(d.t)
		// The health check works while the database is away.
		other := d.browser()
		logInAs(d, other, s.asksFor(), carol)
		repair := breakQueries(d.t, storetest.Open(d.t, d.store))
		assertEqual(d.t, "a page while the database is away", other.fetch(docInbox).status, 503)
		assertANON(d.t, s.visit(d, other, onSite(docRoot, "/health")))
		repair()
		eventually(d.t, "the database is asked again", func() bool { return other.fetch(docInbox).status == 200 })
		d.app.take()
	}
	s.tell(d, block)
}

func storyOfWebhooks(d *documented, block string) {
	s := tale{inbox: docInbox, login: docLogin, bye: docRoot}
	hook := onSite(docRoot, "/hooks/forge?event=push")
	post := func(b *browser, address string) *page {
		return b.ask("POST", address, `{"ref":"main"}`, "Content-Type", "application/json", "Authorization", "Bearer theirs",
			"X-Hub-Signature-256", "sha256=abc", "REMOTE_USER", "mallory", "Remote.User", "mallory")
	}
	s.then = func(d *documented, b *browser) {
		for _, sender := range []*browser{d.browser(), b} {
			assertEqual(d.t, "a hook", post(sender, hook).status, 200)
			got := d.app.one(d.t)
			assertANON(d.t, got)
			assertEqual(d.t, "request", got.first, "POST /hooks/forge?event=push HTTP/1.1")
			assertEqual(d.t, "body", got.body, `{"ref":"main"}`)
			assertEqual(d.t, "signature", got.value("X-Hub-Signature-256"), "sha256=abc")
			assertEqual(d.t, "Authorization", got.value("Authorization"), "Bearer theirs")
			assertEqual(d.t, "Cookie", got.value("Cookie"), "")
		}
		for _, other := range []string{"/hooks", "/hooks/..;/admin", "/admin/hooks/forge"} {
			assertEqual(d.t, other, post(d.browser(), onSite(docRoot, other)).status, 401)
		}
		s.legacy(d).untouched(d.t)
	}
	s.tell(d, block)
}

func storyOfPreflights(d *documented, block string) {
	const site = "https://api.example.com"
	const other = "https://www.example.com"
	s := tale{inbox: site + "/orders", bye: site + "/"}
	s.as = func(d *documented, b *browser, _ string) *page {
		return byLoginPage(d, b, site+"/login?return_to=%2Forders")
	}
	script := func(b *browser, method string, header ...string) *page {
		return b.ask(method, s.inbox, "", append(header, "Origin", other, "Accept", "*/*",
			"Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty", "Sec-Fetch-Site", "same-site")...)
	}
	s.then = func(d *documented, b *browser) {
		// 1. The question, which carries no cookie, is the app's to answer.
		d.app.answers(reply(204, "", "Access-Control-Allow-Origin: "+other, "Access-Control-Allow-Methods: PUT"))
		stranger := d.browser()
		p := script(stranger, "OPTIONS", "Access-Control-Request-Method", "PUT")
		assertEqual(d.t, "a preflight", p.status, 204)
		assertEqual(d.t, "methods", p.header.Get("Access-Control-Allow-Methods"), "PUT")
		assertANON(d.t, d.app.one(d.t))
		// 2. The request itself is alice's, and says once who may read the answer.
		d.app.answers(reply(200, "ok", "Access-Control-Allow-Origin: "+other))
		p = script(b, "PUT")
		assertEqual(d.t, "status", p.status, 200)
		assertEqual(d.t, "origins", len(p.header["Access-Control-Allow-Origin"]), 1)
		assertID(d.t, d.app.one(d.t), alice)
		d.app.answers(reply(200, "ok"))
		// 3. A script sees the 401, and no other method is let through.
		for _, method := range []string{"GET", "PUT", "OPTIONS"} {
			p = script(stranger, method)
			assertEqual(d.t, method+" of nobody", p.status, 401)
			assertEqual(d.t, "origin", p.header.Get("Access-Control-Allow-Origin"), other)
			assertEqual(d.t, "credentials", p.header.Get("Access-Control-Allow-Credentials"), "true")
		}
		d.app.untouched(d.t)
	}
	s.tell(d, block)
}

func storyOfASinglePage(d *documented, block string) {
	write(d.t, d.dir+"/index.html", "<script>the app</script>")
	d.run(block)
	api, view := onSite(docRoot, "/api/orders"), onSite(docRoot, "/orders/7?tab=a")
	s := tale{inbox: view, login: docLogin, bye: docLogin}
	b := d.browser()
	s.isNobody(d, b)
	assertEqual(d.t, "the API", b.fetch(api).status, 401)
	// What the script does then.
	s.logIn(d, b)
	p := b.navigate(view)
	assertEqual(d.t, "status", p.status, 200)
	assertEqual(d.t, "the app", p.body, "<script>the app</script>")
	assertEqual(d.t, "the API", b.fetch(api).status, 200)
	assertID(d.t, d.app.one(d.t), alice)
	b.submit(s.logout()).assertLeads(d.t, 303, s.bye)
	s.isNobody(d, b)
	assertEqual(d.t, "the API", b.fetch(api).status, 401)
	d.app.untouched(d.t)
}

func storyOfWebSockets(d *documented, block string) {
	s := tale{inbox: docInbox, login: docLogin, bye: docRoot}
	handshake := []string{"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "Remote-User: mallory"}
	s.then = func(d *documented, _ *browser) {
		d.app.answers(func(c net.Conn, _ *message) {
			say(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n")
			_, _ = io.Copy(c, c) // echo until the end
			c.Close()
		})
		a, err := d.dialTLS("app.example.com").exchange(toHost("app.example.com", request("GET", "/live", handshake...)))
		if err != nil {
			d.t.Fatal(err)
		}
		assertEqual(d.t, "a handshake of nobody", a.status, 401)
		d.app.untouched(d.t)
		phone := d.browser()
		logInAs(d, phone, s.asksFor(), alice)
		c := d.dialTLS("app.example.com")
		c.send(d.t, toHost("app.example.com", request("GET", "/live", append(handshake, "Cookie: "+phone.cookies(docInbox))...)))
		if a, err = c.readHeader(); err != nil {
			d.t.Fatal(err)
		}
		assertStatus(d.t, a, 101)
		assertID(d.t, d.app.one(d.t), alice)
		c.echoes(d.t, wsFrame(opText, "hello"))
		// A reload of the configuration does not cut it; a logout does, and says so.
		if err := caddy.Load(d.loaded, true); err != nil {
			d.t.Fatal(err)
		}
		c.echoes(d.t, wsFrame(opText, "after the reload"))
		phone.submit(s.logout()).assertLeads(d.t, 303, docRoot)
		assertEqual(d.t, "after the logout", phone.fetch(docInbox).status, 401)
		c.ends(d.t, kinds[0])
		c.Close()
		d.app.answers(reply(200, "ok"))
	}
	s.tell(d, block)
}

// echoes: what is sent comes back.
func (c *client) echoes(t testing.TB, text string) {
	t.Helper()
	c.send(t, text)
	got := make([]byte, len(text))
	if _, err := io.ReadFull(c.r, got); err != nil || string(got) != text {
		t.Errorf("the echo of %q is %q: %v", text, got, err)
	}
}

// dialTLS connects to a site of the configuration.
func (d *documented) dialTLS(host string) *client {
	d.t.Helper()
	conn, err := net.Dial("unix", d.sockets["443"])
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { conn.Close() })
	return newClient(tls.Client(conn, &tls.Config{RootCAs: d.roots, ServerName: host}))
}

func storyOfLogoutLinks(d *documented, block string) {
	s := tale{inbox: docInbox, login: docLogin, bye: docLogin}
	link := onSite(docRoot, "/account/signout.php")
	s.then = func(d *documented, _ *browser) {
		b := d.browser()
		s.logIn(d, b)
		d.app.answers(reply(200, "ok", "Set-Cookie: PHPSESSID=alices"))
		s.visit(d, b, docInbox)
		d.app.answers(reply(200, "ok"))
		assertContains(d.t, b.cookies(docInbox), "PHPSESSID=alices")
		// A link asks; images and scripts are refused; the button does it.
		p := b.navigate(link)
		assertEqual(d.t, "status", p.status, 200)
		assertContains(d.t, p.body, `<form method="post"><button>Log out</button></form>`)
		assertEqual(d.t, "a script", b.fetch(link).status, 405)
		assertID(d.t, s.visit(d, b, docInbox), alice)
		b.submit(link).assertLeads(d.t, 303, docLogin)
		assertEqual(d.t, "cookies after the logout", b.cookies(docInbox), "")
		s.isNobody(d, b)
	}
	s.tell(d, block)
}
