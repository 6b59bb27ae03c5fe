//go:build unix

package tests

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// bridge has a site of the configuration listen on loopback, too, where real
// browsers can reach it, and returns that address.
func (d *documented) bridge(port string) string {
	d.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		d.t.Fatal(err)
	}
	var passing sync.WaitGroup
	d.t.Cleanup(func() {
		listener.Close()
		passing.Wait()
	})
	passing.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			passing.Go(func() { join(client, d.sockets[port]) })
		}
	})
	return listener.Addr().String()
}

// join passes bytes between a client and a Unix socket until one of them ends.
func join(client net.Conn, socket string) {
	defer client.Close()
	site, err := net.Dial("unix", socket)
	if err != nil {
		return
	}
	defer site.Close()
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{site, client}, {client, site}} {
		both.Go(func() {
			_, _ = io.Copy(way[0], way[1])
			way[0].Close()
			way[1].Close()
		})
	}
	both.Wait()
}

// oldApp is an app that trusts headers, with a page, a form and a logout.
func oldApp(c net.Conn, r *message) {
	if strings.HasPrefix(r.first, "POST ") {
		reply(200, "saved "+r.body+" for "+r.value("Remote-User"), "Content-Type: text/plain")(c, r)
		return
	}
	reply(200, `hello `+r.value("Remote-User")+`
		<form id="order" method="post" action="/orders"><input name="item"><button>Order</button></form>
		<form id="logout" method="post" action="/logout"><button>Log out</button></form>`, "Content-Type: text/html")(c, r)
}

// The README's first configuration, as it is printed, in a real browser.
func TestDocs_InABrowser_TheFirstConfigurationOfTheReadme(t *testing.T) {
	const id, site = "README.md#a-whole-configuration", "https://app.example.com"
	d := newDocumented(t)
	for _, block := range docBlocks(t) {
		if block.info == "caddyfile" && block.id == id {
			d.run(block.text)
		}
	}
	if d.roots == nil {
		t.Fatal("the README has no configuration at " + id)
	}
	d.app.answers(oldApp)
	b := openBrowserAt(t, d.bridge("443"))
	logIn := func(name, password string) tab {
		b.fill("input[name=name]", name)
		b.fill("input[name=password]", password)
		return b.click("button")
	}
	// 1. Alice wants a page, mistypes her password, and has the page.
	const form = site + "/login?return_to=%2Finbox%3Fpage%3D2"
	b.assertPage(b.visit(site+"/inbox?page=2"), 200, form, "Log in")
	b.assertPage(logIn("alice", "builder"), 200, form, "Wrong name or password.")
	b.fill("input[name=password]", "wonderland") // the name is still there
	b.assertPage(b.click("button"), 200, site+"/inbox?page=2", "hello alice")
	// 2. She works.
	b.fill("input[name=item]", "tea")
	b.assertPage(b.click("#order button"), 200, site+"/orders", "saved item=tea for alice")
	// 3. She logs out, and is nowhere.
	b.visit(site + "/")
	b.assertPage(b.click("#logout button"), 200, site+"/login", "Log in")
	b.assertPage(b.visit(site+"/inbox"), 200, site+"/login?return_to=%2Finbox", "Log in")
	// 4. Bob logs in at the same browser, and alice's password is not his.
	b.assertPage(logIn("bob", "wonderland"), 200, site+"/login?return_to=%2Finbox", "Wrong name or password.")
	b.fill("input[name=password]", "builder")
	b.assertPage(b.click("button"), 200, site+"/inbox", "hello bob")
	// 5. A link to the logout asks him first.
	b.assertPage(b.visit(site+"/logout"), 200, site+"/logout", "Log out?")
	b.assertPage(b.visit(site+"/"), 200, site+"/", "hello bob")
	b.visit(site + "/logout")
	b.assertPage(b.click("main form button"), 200, site+"/login", "Log in") // not the word in the page's style
	if held := b.cookies("__Host-session"); len(held) != 0 {
		t.Errorf("the browser holds %q", held)
	}
}
