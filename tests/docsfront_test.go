//go:build unix

package tests

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
)

// trust has a server listen on loopback, too, and trust that address instead of
// those of the example. Whoever connects by the Unix socket is a stranger.
func (d *documented) trust(server, proxies map[string]any) {
	d.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		d.t.Fatal(err)
	}
	defer listener.Close()
	file, err := listener.(*net.TCPListener).File()
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { file.Close() })
	d.trusted = listener.Addr().String()
	proxies["ranges"] = []any{"127.0.0.1/32"}
	server["listen"] = append(server["listen"].([]any), "fd/"+strconv.Itoa(int(file.Fd())))
}

// putBalancer has a balancer end TLS in front of the configuration's sites:
// browsers that ask for https meet it. It may do more on the way to them.
func (d *documented) putBalancer(more func(http.RoundTripper) http.RoundTripper) {
	d.t.Helper()
	certificate, err := tls.LoadX509KeyPair(d.dir+"/cert.pem", d.dir+"/key.pem")
	if err != nil {
		d.t.Fatal(err)
	}
	d.sockets["443"] = filepath.Join(d.dir, "balancer.sock")
	listener, err := net.Listen("unix", d.sockets["443"])
	if err != nil {
		d.t.Fatal(err)
	}
	balancer := &http.Server{Handler: &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: d.trusted})
			r.Out.Host = r.In.Host
			r.SetXForwarded()
			r.Out.Header.Set("X-Forwarded-For", "192.0.2.7")
		},
		Transport: more(&http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", d.trusted)
		}}),
	}}
	go func() {
		_ = balancer.Serve(tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{certificate}}))
	}()
	d.t.Cleanup(func() { balancer.Close() })
}

func storyOfTLSInFront(d *documented, block string) {
	d.run(block)
	d.putBalancer(func(way http.RoundTripper) http.RoundTripper { return way })
	const login = "https://login.example.com/"
	s := tale{inbox: docInbox, login: login, bye: login}
	warned := func() bool { return strings.Contains(d.log.String(), "a login over plain http") }
	s.then = func(d *documented, b *browser) {
		got := s.visit(d, b, docInbox)
		assertEqual(d.t, "the scheme that the app is told", got.value("X-Forwarded-Proto"), "https")
		assertContains(d.t, got.value("X-Forwarded-For"), "192.0.2.7")
		// An old browser says where a form stands, and nothing else.
		old := func(origin string) int {
			return d.browser().ask("POST", s.logout(), "", "Origin", origin).status
		}
		assertEqual(d.t, "a logout from the plain site", old("http://app.example.com"), 403)
		assertEqual(d.t, "a logout from the site", old("https://app.example.com"), 303)
		assertEqual(d.t, "a warning of plain http", warned(), false)
	}
	s.happens(d)
	// Nobody else is believed.
	stranger := d.browser()
	plain := strings.Replace(docInbox, "https:", "http:", 1)
	back := url.QueryEscape(plain)
	stranger.navigate(plain, "X-Forwarded-Proto", "https").assertLeads(d.t, 302, login+"?return_to="+back)
	d.app.untouched(d.t)
	logInAs(d, stranger, "http://login.example.com/?return_to="+back, carol).assertLeads(d.t, 303, docRoot)
	assertEqual(d.t, "a warning of plain http", warned(), true)
}
