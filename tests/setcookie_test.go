//go:build unix

package tests

import (
	"fmt"
	"strings"
	"testing"
)

func TestC5_AnUpstreamCannotSetOurCookie(t *testing.T) {
	s := start(t, setup{site: guarded("public /open")})
	token := s.login(alice)
	theirs := []string{
		"Set-Cookie: __Host-session=" + strings.Repeat("A", 64) + "; Path=/; Secure",
		"Set-Cookie: =__Host-session=x",
		"set-cookie:  __Host-session = x",
		"SET-COOKIE: __host-session=x",
		"Set-Cookie: __Host-session",
		"Set-Cookie: \t__Host-session=x; Max-Age=0",
		"Set-Cookie: __Host-session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
		"Set-Cookie: ==__Host-session=x",
	}
	kept := "Set-Cookie: theirs=1; Path=/"
	for _, status := range []int{200, 204, 302, 401, 404, 500} {
		s.app.answers(reply(status, "", append(theirs, kept)...))
		for _, target := range []string{"/", "/public"} {
			a := s.get(target, cookie(token))
			assertStatus(t, a, status)
			assertEqual(t, fmt.Sprint("cookies with status ", status), strings.Join(a.values("Set-Cookie"), " | "), "theirs=1; Path=/")
		}
	}
	// Nor on a login route, where it names nobody.
	s.page.answers(reply(200, "", append(theirs, kept)...))
	assertEqual(t, "cookies", s.get("/login").value("Set-Cookie"), "theirs=1; Path=/")
	// Nor on an early hint, nor in a trailer, announced or not.
	s.app.answers(replyRaw("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n" + theirs[0] + "\r\nRemote-User: x\r\n\r\n" +
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum, Set-Cookie, Remote-User\r\n\r\n" +
		"2\r\nok\r\n0\r\nX-Sum: 1\r\n" + theirs[0] + "\r\nRemote-User: x\r\nremote_groups: y\r\n\r\n"))
	a := s.get("/", cookie(token), "Te: trailers")
	assertStatus(t, a, 200)
	assertEqual(t, "early hints", len(a.interim), 1)
	assertEqual(t, "the hint's Link", a.interim[0].value("Link"), "</a.css>")
	assertEqual(t, "trailers", strings.Join(a.trailer, "|"), "X-Sum: 1")
	for _, part := range []*message{a.interim[0], &a.message} {
		assertEqual(t, "cookies", part.value("Set-Cookie"), "")
		assertANON(t, part)
	}
	// Nor where nobody is asked for a session.
	a = s.get("/open", cookie(token), "Te: trailers")
	assertEqual(t, "trailers", strings.Join(a.trailer, "|"), "X-Sum: 1")
}

func TestC5_OurCookieComesOnceOnTheFinalAnswer(t *testing.T) {
	s := start(t, setup{})
	s.page.answers(replyRaw("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nRemote-User: alice\r\n\r\n" +
		"HTTP/1.1 103 Early Hints\r\nLink: </b.css>\r\n\r\n" +
		"HTTP/1.1 200 OK\r\nRemote-User: alice\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n" +
		"2\r\nok\r\n0\r\nX-Sum: 1\r\nRemote-User: alice\r\n\r\n"))
	a := s.get("/login", "Te: trailers")
	token := s.newToken(a)
	assertEqual(t, "early hints", len(a.interim), 2)
	for _, hint := range a.interim {
		assertEqual(t, "cookies on a hint", hint.value("Set-Cookie"), "")
		assertANON(t, hint)
	}
	assertANON(t, &a.message)
	assertEqual(t, "trailers", strings.Join(a.trailer, "|"), "X-Sum: 1")
	s.assertOK(s.get("/", cookie(token)), identity{user: "alice"})
}

func TestC5_AlsoOverHTTP2And3(t *testing.T) {
	s, site, clients := startTLS(t, setup{})
	for version, c := range clients {
		t.Run(version, func(t *testing.T) {
			s.page.answers(replyRaw("HTTP/1.1 200 OK\r\nRemote-User: alice\r\nSet-Cookie: __Host-session=x\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n" +
				"2\r\nok\r\n0\r\nX-Sum: 1\r\nRemote-User: mallory\r\nSet-Cookie: __Host-session=y\r\n\r\n"))
			response, _ := do(t, c, newRequest(t, "GET", site+"/login", nil))
			cookies := response.Header["Set-Cookie"]
			if len(cookies) != 1 || len(cookies[0]) < 64 {
				t.Errorf("cookies %q, want ours once", cookies)
			}
			assertEqual(t, "X-Sum", response.Trailer.Get("X-Sum"), "1")
			for _, name := range []string{"Remote-User", "Set-Cookie"} {
				assertEqual(t, name, response.Trailer.Get(name), "")
			}
			assertEqual(t, "Remote-User", response.Header.Get("Remote-User"), "")
		})
	}
}
