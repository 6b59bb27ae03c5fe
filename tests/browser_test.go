//go:build unix

package tests

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// browser is somebody's browser, as far as cookies go: it keeps what answers
// set, by name, domain and path, and sends what fits.
type browser struct {
	s    *server
	host string
	jar  http.CookieJar
}

func newBrowser(s *server, host string) *browser {
	jar, _ := cookiejar.New(nil) // never fails
	return &browser{s, host, jar}
}

// at is the same browser at another host.
func (b *browser) at(host string) *browser { return &browser{b.s, host, b.jar} }

func (b *browser) url(target string) *url.URL {
	path, _, _ := strings.Cut(target, "?")
	return &url.URL{Scheme: "https", Host: b.host, Path: path}
}

// ask sends a request with the cookies that fit, and keeps what the answer sets.
func (b *browser) ask(method, target string, lines ...string) *answer {
	b.s.t.Helper()
	var pairs []string
	for _, c := range b.jar.Cookies(b.url(target)) {
		pairs = append(pairs, c.Name+"="+c.Value)
	}
	if len(pairs) > 0 {
		lines = append(lines, jar(pairs...))
	}
	text := requestWithBody(method, target, "", lines...)
	a := b.s.raw(strings.Replace(text, "Host: app.test\r\n", "Host: "+b.host+"\r\n", 1))
	b.keep(target, a)
	return a
}

// keep stores what an answer sets.
func (b *browser) keep(target string, a *answer) {
	b.jar.SetCookies(b.url(target), (&http.Response{Header: http.Header{"Set-Cookie": a.values("Set-Cookie")}}).Cookies())
}

func (b *browser) get(target string, lines ...string) *answer { return b.ask("GET", target, lines...) }

func (b *browser) post(target string, lines ...string) *answer {
	return b.ask("POST", target, append(lines, "Sec-Fetch-Site: same-origin")...)
}

// become logs somebody in.
func (b *browser) become(t testing.TB, who identity) {
	t.Helper()
	b.s.newToken(b.get(who.becoming()))
}

// visit asks for a page of the guarded app, which answers with these lines, and
// returns the app's cookies that reached it.
func (b *browser) visit(t testing.TB, target string, app ...string) string {
	t.Helper()
	b.s.app.answers(reply(200, "ok", app...))
	assertStatus(t, b.get(target), 200)
	return b.s.app.one(t).value("Cookie")
}
