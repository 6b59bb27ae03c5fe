//go:build unix

package tests

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// chunked writes a request with a chunked body and trailers.
func chunked(target, body string, trailer []string, lines ...string) string {
	text := request("POST", target, append(lines, "Transfer-Encoding: chunked")...)
	if body != "" {
		text += "5\r\n" + body + "\r\n"
	}
	return text + "0\r\n" + strings.Join(append(trailer, "\r\n"), "\r\n")
}

func TestH4_TrailersCannotTellAnIdentity(t *testing.T) {
	s := start(t, setup{})
	token := s.login(alice)
	cases := map[string]struct{ announced, trailer []string }{
		"announced":             {[]string{"Trailer: Remote-User, X-Sum"}, []string{"Remote-User: mallory", "X-Sum: 1"}},
		"unannounced":           {[]string{"Trailer: X-Sum"}, []string{"X-Sum: 1", "Remote-User: mallory", "remote-groups: wheel", "Remote_Email: x"}},
		"on two lines":          {[]string{"Trailer: X-Sum", "Trailer: rEmOtE-uSeR"}, []string{"Remote-User: mallory", "X-Sum: 1"}},
		"other spelling":        {[]string{"Trailer: X-Sum, Remote~User, Remote_Name"}, []string{"Remote~User: mallory", "Remote_Name: x", "X-Sum: 1"}},
		"announced, never sent": {[]string{"Trailer: X-Sum,Remote-User"}, []string{"X-Sum: 1"}},
	}
	for name, c := range cases {
		for _, body := range []string{"hello", ""} {
			t.Run(name+" "+body, func(t *testing.T) {
				// 1. Alice's browser smuggles another identity behind the body.
				a := s.raw(chunked("/", body, c.trailer, append(c.announced, cookie(token), "Te: trailers")...))
				assertStatus(t, a, 200)
				got := s.app.one(t)
				assertID(t, got, alice)
				assertEqual(t, "body", got.body, body)
				assertEqual(t, "trailers", strings.Join(got.trailer, "|"), "X-Sum: 1")
				// 2. So does somebody without a session.
				assertStatus(t, s.raw(chunked("/public", body, c.trailer, c.announced...)), 200)
				got = s.app.one(t)
				assertANON(t, got)
				assertEqual(t, "trailers", strings.Join(got.trailer, "|"), "X-Sum: 1")
			})
		}
	}
	// 3. Alone, nothing is left.
	assertStatus(t, s.raw(chunked("/", "hello", []string{"Remote-User: mallory"}, "Trailer: Remote-User", cookie(token))), 200)
	got := s.app.one(t)
	assertID(t, got, alice)
	assertEqual(t, "trailers", len(got.trailer), 0)
	assertEqual(t, "announcement", got.value("Trailer"), "")
}

func TestH4_NorWhenTheProxyBuffersTheBody(t *testing.T) {
	s := start(t, setup{site: `
		handle /login {
			session_login
			reverse_proxy {page}
		}
		handle {
			session
			reverse_proxy {app} {
				request_buffers 4096
			}
		}`})
	token := s.login(alice)
	a := s.raw(chunked("/", "hello", []string{"X-Sum: 1", "Remote-User: mallory"}, "Trailer: X-Sum, Remote-User", cookie(token)))
	assertStatus(t, a, 200)
	got := s.app.one(t)
	assertID(t, got, alice)
	assertEqual(t, "trailers", strings.Join(got.trailer, "|"), "X-Sum: 1")
}

// smuggler is a body that adds a trailer that was never announced.
type smuggler struct {
	io.Reader
	request *http.Request
}

func (b *smuggler) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		b.request.Trailer.Set("X-Sum", "1")
		b.request.Trailer["remote-user"] = []string{"mallory"}
		b.request.Trailer["Remote-Groups"] = []string{"wheel"}
		b.request.Trailer["Remote~email"] = []string{"x"}
	}
	return n, err
}

func TestH4_NorOverHTTP2And3(t *testing.T) {
	s, site, clients := startTLS(t, setup{})
	token := ""
	for version, c := range clients {
		t.Run(version, func(t *testing.T) {
			// 1. Alice logs in.
			if token == "" {
				response, _ := do(t, c, newRequest(t, "GET", site+"/login", nil))
				token = response.Cookies()[0].Value
				s.secret(token)
			}
			for _, announced := range []http.Header{
				{"X-Sum": nil},
				{"X-Sum": nil, "Remote-User": nil},
			} {
				// 2. Her browser smuggles another identity behind the body.
				r := newRequest(t, "POST", site+"/", nil, "Cookie", cookieName+"="+token, "Remote-User", "mallory")
				r.Trailer = announced.Clone()
				r.Body, r.ContentLength = io.NopCloser(&smuggler{strings.NewReader("hello"), r}), -1
				response, body := do(t, c, r)
				assertEqual(t, "version", response.Proto, version)
				assertEqual(t, "answer", body, "ok")
				got := s.app.one(t)
				assertID(t, got, alice)
				assertEqual(t, "body", got.body, "hello")
				if version != "HTTP/3.0" { // of which Caddy passes no trailers on
					assertEqual(t, "trailers", strings.Join(got.trailer, "|"), "X-Sum: 1")
				}
			}
			// 3. Somebody without a session is nobody.
			r := newRequest(t, "POST", site+"/public", nil, "remote-user", "mallory")
			r.Trailer = http.Header{"X-Sum": nil}
			r.Body, r.ContentLength = io.NopCloser(&smuggler{strings.NewReader("hello"), r}), -1
			do(t, c, r)
			assertANON(t, s.app.one(t))
		})
	}
}

func TestH8_ConnectIsNotServedOverHTTP2And3(t *testing.T) {
	s, site, clients := startTLS(t, setup{})
	for _, version := range []string{"HTTP/2.0", "HTTP/3.0"} {
		t.Run(version, func(t *testing.T) {
			response, _ := do(t, clients[version], newRequest(t, "GET", site+"/login", nil))
			token := response.Cookies()[0].Value
			r := newRequest(t, "CONNECT", site, nil, "Cookie", cookieName+"="+token)
			response, _ = do(t, clients[version], r)
			assertEqual(t, "status", response.StatusCode, 405)
			s.app.untouched(t)
		})
	}
}
