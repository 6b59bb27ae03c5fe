//go:build unix

package tests

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// chromium is a real browser with a profile of its own. What it keeps of
// cookies, follows and refuses is what people's browsers do.
type chromium struct {
	t   testing.TB
	ctx context.Context
}

// tab is what the browser shows in the end, behind all redirects.
type tab struct {
	status  int64
	address string
	text    string
}

// openBrowser starts Chromium, for which every host is the server: addresses
// need no port. Without Chromium the test is skipped; with REQUIRE_BROWSER=1 it
// fails.
func openBrowser(t testing.TB, s *server) *chromium { return openBrowserAt(t, s.address) }

// openBrowserAt is like openBrowser, for whatever listens at the address.
func openBrowserAt(t testing.TB, address string) *chromium {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromiumPath(t)),
		chromedp.Flag("host-resolver-rules", "MAP * "+address),
		chromedp.Flag("ignore-certificate-errors", true),
	)
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox) // which does not work as root
	}
	ctx, cancelPatience := context.WithTimeout(t.Context(), patience)
	ctx, cancelBrowser := chromedp.NewExecAllocator(ctx, options...)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		closeTab()
		cancelBrowser()
		cancelPatience()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting Chromium: %v", err)
	}
	return &chromium{t, ctx}
}

func chromiumPath(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const lacking = "Chromium is not installed"
	if os.Getenv("REQUIRE_BROWSER") == "1" {
		t.Fatal(lacking + ", and REQUIRE_BROWSER=1 wants the browser's tests run")
	}
	storetest.Skip(t, lacking)
	return ""
}

// visit types an address.
func (c *chromium) visit(address string) tab {
	c.t.Helper()
	return c.load(chromedp.Navigate(address))
}

// click clicks what leads to another page.
func (c *chromium) click(selector string) tab {
	c.t.Helper()
	return c.load(chromedp.Click(selector))
}

// fill types into a field of a form.
func (c *chromium) fill(selector, text string) {
	c.t.Helper()
	if err := chromedp.Do(c.ctx, chromedp.SendKeys(selector, text)); err != nil {
		c.t.Fatalf("filling %s: %v", selector, err)
	}
}

// load waits for the page that a step leads to.
func (c *chromium) load(step chromedp.Action[chromedp.Void]) tab {
	c.t.Helper()
	response, err := chromedp.RunResponse(c.ctx, step)
	if err != nil {
		c.t.Fatalf("the browser shows no page: %v", err)
	}
	text, err := chromedp.Run(c.ctx, chromedp.Text("body"))
	if err != nil {
		c.t.Fatalf("reading the page: %v", err)
	}
	return tab{response.Status, response.URL, text}
}

// cookies are those of a name that the browser holds, for whichever host and
// path, as domain and path: a domain with a dot in front has sub-domains.
func (c *chromium) cookies(name string) (forms []string) {
	c.t.Helper()
	held, err := chromedp.Call(c.ctx, storage.GetCookies, storage.GetCookiesParams{})
	if err != nil {
		c.t.Fatalf("reading the browser's cookies: %v", err)
	}
	for _, cookie := range held.Cookies {
		if cookie.Name == name {
			forms = append(forms, cookie.Domain+cookie.Path)
		}
	}
	slices.Sort(forms)
	return forms
}

// assertPage: the browser shows a page of this status, address and text.
func (c *chromium) assertPage(p tab, status int64, address, text string) {
	c.t.Helper()
	if p.status != status || p.address != address || !strings.Contains(p.text, text) {
		c.t.Errorf("the browser shows %d %s %q, want %d %s %q", p.status, p.address, p.text, status, address, text)
	}
}

// startHTTPS runs a Caddy whose site has these names and certificates of
// Caddy's own authority, on loopback.
func startHTTPS(t testing.TB, config setup, hosts ...string) *server {
	t.Helper()
	s := newServer(t, config)
	s.listenTCP(config, func(address string) string { return httpsSite(address, hosts) })
	t.Cleanup(func() { stopCaddy(s) })
	s.awaitCertificates(hosts)
	return s
}

// awaitCertificates waits until Caddy has certificates, which it makes in the
// background.
func (s *server) awaitCertificates(hosts []string) {
	s.t.Helper()
	for _, host := range hosts {
		eventually(s.t, "a certificate for "+host, func() bool {
			conn, err := tls.Dial(s.network, s.address, &tls.Config{ServerName: host, InsecureSkipVerify: true})
			if err == nil {
				conn.Close()
			}
			return err == nil
		})
	}
}

func httpsSite(address string, hosts []string) string {
	_, port, _ := strings.Cut(address, ":")
	names := make([]string, 0, len(hosts))
	for _, host := range hosts {
		names = append(names, fmt.Sprintf("https://%s:%s", host, port))
	}
	return strings.Join(names, ", ") + " {\n\tbind 127.0.0.1\n\ttls internal"
}

// listenAgain makes another configuration the running one, at the same address.
func (s *server) listenAgain(config setup, hosts ...string) {
	s.t.Helper()
	config.listen = httpsSite(s.address, hosts)
	s.load(config)
	s.awaitCertificates(hosts)
}

// httpsGet asks for an address of the server without a browser, and returns the
// answer's Set-Cookie.
func (s *server) httpsGet(address string) string {
	s.t.Helper()
	client := &http.Client{Timeout: patience, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, s.network, s.address)
		},
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // of an authority that nobody knows
	}}
	response, _ := do(s.t, client, newRequest(s.t, "GET", address, nil))
	return response.Header.Get("Set-Cookie")
}
