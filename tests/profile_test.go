//go:build unix

package tests

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// profile is the cookies of somebody's browser, sent as raw bytes: it keeps what answers
// set, by name, domain and path, and sends what fits.
type profile struct {
	s    *server
	host string
	jar  http.CookieJar
}

func newProfile(s *server, host string) *profile {
	jar, _ := cookiejar.New(nil) // never fails
	return &profile{s, host, jar}
}

// at is the same browser at another host.
func (b *profile) at(host string) *profile { return &profile{b.s, host, b.jar} }

func (b *profile) url(target string) *url.URL {
	path, _, _ := strings.Cut(target, "?")
	return &url.URL{Scheme: "https", Host: b.host, Path: path}
}

// ask sends a request with the cookies that fit, and keeps what the answer sets.
func (b *profile) ask(method, target string, lines ...string) *answer {
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
func (b *profile) keep(target string, a *answer) {
	b.jar.SetCookies(b.url(target), (&http.Response{Header: http.Header{"Set-Cookie": a.values("Set-Cookie")}}).Cookies())
}

func (b *profile) get(target string, lines ...string) *answer { return b.ask("GET", target, lines...) }

func (b *profile) post(target string, lines ...string) *answer {
	return b.ask("POST", target, append(lines, "Sec-Fetch-Site: same-origin")...)
}

// become logs somebody in.
func (b *profile) become(t testing.TB, who identity) {
	t.Helper()
	b.s.newToken(b.get(who.becoming()))
}

// visit asks for a page of the guarded app, which answers with these lines, and
// returns the app's cookies that reached it.
func (b *profile) visit(t testing.TB, target string, app ...string) string {
	t.Helper()
	b.s.app.answers(reply(200, "ok", app...))
	assertStatus(t, b.get(target), 200)
	return b.s.app.one(t).value("Cookie")
}
