//go:build unix

package tests

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What is under way ends with its session. Of each kind there is one that begins,
// and then waits for ever: nobody but us would end it.

// goodbye is a frame with close code 1008.
const goodbye = "\x88\x17\x03\xf0the session has ended"

// stream is something that is under way.
type stream struct {
	name string
	open func(t *testing.T, s *server, token string) *client
	last string // what the client still gets
}

// endlessSite has an app behind each kind of handler that streams.
const endlessSite = `
	handle /file {
		session
		root {dir}
		file_server
	}
	handle /*.php {
		session
		root {dir}
		php_fastcgi {fcgi}
	}
	handle /kept/* {
		session {
			streams keep
		}
		reverse_proxy {endless}
	}
	handle /endless/* {
		session
		reverse_proxy {endless} {
			flush_interval -1
		}
	}
`

// endless is the site with upstreams that begin each answer, and never end one.
func endless(t testing.TB) string {
	return strings.NewReplacer("{fcgi}", newEndlessFastCGI(t), "{endless}", newEndless(t)).Replace(endlessSite)
}

// startEndless runs a Caddy whose upstreams begin each answer, and never end one.
func startEndless(t *testing.T, config setup) *server {
	t.Helper()
	config.site, config.global = endless(t)+guarded(), "servers {\n enable_full_duplex\n}"
	s := start(t, config)
	write(t, s.dir+"/file", strings.Repeat("0123456789", 4<<20))
	write(t, s.dir+"/index.php", "")
	return s
}

// newEndless is an app that begins answers, and does not end them until the
// connection is closed. It reads no body.
func newEndless(t testing.TB) string {
	return listenEndless(t, "app.sock", func(c net.Conn) {
		r, err := readHead(bufio.NewReader(c))
		if err != nil {
			return
		}
		target := strings.Fields(r.first)[1]
		switch {
		case r.value("Upgrade") != "":
			say(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n\x81\x02hi")
			if strings.HasSuffix(target, "/half") {
				say(c, "\x81\x05hel")
			}
		case strings.HasSuffix(target, "/events"):
			say(c, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hi\n\n")
		default:
			say(c, "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 1000000\r\n\r\nhi")
		}
	})
}

// listenEndless has a server begin to answer on each connection, and hang.
func listenEndless(t testing.TB, name string, begin func(c net.Conn)) string {
	t.Helper()
	path := filepath.Join(shortDir(t), name)
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			go func() {
				begin(conn)
				_, _ = io.Copy(io.Discard, conn)
				conn.Close()
			}()
		}
	}()
	return "unix/" + path
}

// newEndlessFastCGI is a responder that begins each answer, and ends none.
func newEndlessFastCGI(t testing.TB) string {
	return listenEndless(t, "fcgi.sock", func(c net.Conn) {
		writeRecord(c, fcgiStdout, "Status: 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hi\n\n")
	})
}

// opening sends a request and reads the answer until it waits.
func opening(text, beginning string) func(t *testing.T, s *server, token string) *client {
	return func(t *testing.T, s *server, token string) *client {
		t.Helper()
		c := s.dial(t)
		c.send(t, strings.Replace(text, "\r\n\r\n", "\r\n"+cookie(token)+"\r\n\r\n", 1))
		if _, err := c.readHeader(); err != nil {
			t.Fatal(err)
		}
		var got string
		for !strings.HasSuffix(got, beginning) {
			b, err := c.r.ReadByte()
			if err != nil {
				t.Fatalf("after %q: %v", got, err)
			}
			got += string(b)
		}
		return c
	}
}

func webSocketRequest(target string) string { return request("GET", target, webSocketLines...) }

// kinds are all that can be under way.
var kinds = []stream{
	{"a WebSocket", opening(webSocketRequest("/endless/"), "\x81\x02hi"), goodbye},
	{"a WebSocket in the middle of a frame", opening(webSocketRequest("/endless/half"), "\x81\x05hel"), ""},
	{"an event stream", opening(request("GET", "/endless/events"), ": hi\n\n\r\n"), ""},
	{"a download", opening(request("GET", "/endless/download"), "hi"), ""},
	{"a file", opening(request("GET", "/file"), "0123456789"), ""},
	{"PHP", opening(request("GET", "/index.php"), ": hi\n\n\r\n"), ""},
	{"an upload whose answer has begun", opening(request("POST", "/endless/upload", "Content-Length: 100000000")+strings.Repeat("x", 1<<16), "hi"), ""},
}

// ends reads what is left, and fails unless that is the end of the connection.
func (c *client) ends(t testing.TB, kind stream) {
	t.Helper()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	left, err := io.ReadAll(c.r)
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
		t.Fatalf("%s: it goes on", kind.name)
	}
	if kind.name == "a file" {
		if len(left) >= 40<<20-20 {
			t.Errorf("the file came whole")
		}
		return
	}
	if text := strings.TrimSuffix(string(left), "\r\n"); text != kind.last {
		t.Errorf("%s: the last is %q, want %q", kind.name, left, kind.last)
	}
}

func TestS2_WhatIsUnderWayEndsWithItsSession(t *testing.T) {
	// On the node itself no database has to be asked for that.
	s := startEndless(t, setup{realm: "recheck 0\n\t\tcache_ttl 1h"})
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			token, other := s.become(alice), s.become(alice)
			ended, lives := kind.open(t, s, token), kind.open(t, s, other)
			assertStatus(t, s.logout(token), 303)
			ended.ends(t, kind)
			// Alice's other browser goes on.
			assertStaysOpen(t, kind.name, lives)
			assertStatus(t, s.logout(other), 303)
			lives.ends(t, kind)
		})
	}
}

// assertStaysOpen fails if a connection is closed. It reads nothing of a file,
// which fills whatever is between.
func assertStaysOpen(t *testing.T, name string, c *client) {
	t.Helper()
	if name == "a file" {
		return
	}
	_ = c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	_, err := c.r.ReadByte()
	if timeout, ok := err.(net.Error); !ok || !timeout.Timeout() {
		t.Errorf("%s: it has ended, %v", name, err)
	}
}

func TestS2_WhatIsUnderWayEndsWithARowThatWasDeletedElsewhere(t *testing.T) {
	for name, fresh := range freshDB {
		t.Run(name, func(t *testing.T) {
			for _, ttl := range []string{"1h", "0"} {
				s := startEndless(t, setup{store: fresh(t), realm: "cache_ttl " + ttl + "\n\t\trecheck 100ms"})
				var open []*client
				for _, kind := range kinds {
					open = append(open, kind.open(t, s, s.become(alice)))
				}
				carols := kinds[0].open(t, s, s.become(carol))
				execute(t, s.database(), "DELETE FROM "+table+" WHERE user_id = 'alice'")
				for i, kind := range kinds {
					open[i].ends(t, kind)
				}
				assertStaysOpen(t, "carol's", carols)
			}
		})
	}
}

func TestS2_WhatIsUnderWayEndsOnAllNodesByWhateverMeans(t *testing.T) {
	s := startEndless(t, setup{realm: "cache_ttl 1h\n\t\trecheck 100ms"})
	node := startProcess(t, setup{store: s.store, realm: "cache_ttl 1h\n\t\trecheck 100ms", site: endless(t) + guarded()})
	db := s.database()
	for name, end := range map[string]func(token string){
		"a logout on the other node": func(token string) { assertStatus(t, node.logout(token), 303) },
		"the lifetime":               func(string) { execute(t, db, "UPDATE "+table+" SET expires = 1 WHERE user_id = 'alice'") },
		"idleness":                   func(string) { execute(t, db, "UPDATE "+table+" SET seen = 1 WHERE user_id = 'alice'") },
		"another user in the row":    func(string) { execute(t, db, "UPDATE "+table+" SET user_id = 'mallory' WHERE user_id = 'alice'") },
	} {
		t.Run(name, func(t *testing.T) {
			token := s.become(alice)
			here, there := kinds[3].open(t, s, token), kinds[0].open(t, node.server, token)
			carols := kinds[3].open(t, s, s.become(carol))
			end(token)
			here.ends(t, kinds[3])
			there.ends(t, kinds[0])
			assertStaysOpen(t, "carol's", carols)
		})
	}
}

func TestS3_AnAnswerThatHasNotBegunIsLetFinish(t *testing.T) {
	s := start(t, setup{realm: "recheck 100ms"})
	token := s.login(alice)
	letGo := s.keepWaiting(5, token)
	assertStatus(t, s.logout(token), 303)
	for _, a := range letGo() {
		assertStatus(t, a, 200)
	}
}

// What has no end of its own does not begin after that.
func TestS2_AStreamDoesNotBeginAfterItsSession(t *testing.T) {
	s := start(t, setup{realm: "recheck 0"})
	for name, answer := range map[string]string{
		"a WebSocket":     "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n",
		"an event stream": "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hi\n\n",
	} {
		arrived, letGo := make(chan bool), make(chan bool)
		s.app.answers(func(c net.Conn, r *message) {
			arrived <- true
			<-letGo
			say(c, answer)
			_, _ = io.Copy(io.Discard, c)
			c.Close()
		})
		token := s.login(alice)
		c := s.dial(t)
		c.send(t, request("GET", "/", append(webSocketLines, cookie(token))...))
		<-arrived
		assertStatus(t, s.logout(token), 303)
		letGo <- true
		left, err := io.ReadAll(c.r)
		if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
			t.Errorf("%s: it goes on", name)
		}
		if strings.Contains(string(left), ": hi") {
			t.Errorf("%s: %q", name, left)
		}
	}
}

func TestS2_StreamsKeepLeavesThemAlone(t *testing.T) {
	s := startEndless(t, setup{realm: "recheck 100ms"})
	token := s.become(alice)
	kept := opening(request("GET", "/kept/events"), ": hi\n\n\r\n")(t, s, token)
	cut := opening(request("GET", "/endless/events"), ": hi\n\n\r\n")(t, s, token)
	assertStatus(t, s.logout(token), 303)
	cut.ends(t, kinds[3])
	assertStaysOpen(t, "what is kept", kept)
}

// The cut of a request that is over does not hit the next on its connection.
func TestS2_TheNextRequestOfAConnectionIsNotHit(t *testing.T) {
	s := start(t, setup{realm: "recheck 100ms"})
	c := s.dial(t)
	for range 20 {
		token := s.login(alice)
		a, err := c.exchange(request("GET", "/", cookie(token)))
		if err != nil {
			t.Fatal(err)
		}
		s.assertOK(a, alice)
		assertStatus(t, s.logout(token), 303)
		if a, err = c.exchange(request("GET", "/", cookie(token))); err != nil {
			t.Fatal(err)
		}
		s.assertSTOP(a)
	}
}

// Over HTTP/2 and HTTP/3 one stream ends, and the connection carries the others on.
func TestS2_AStreamOfAConnectionEndsAlone(t *testing.T) {
	s, site, clients := startTLS(t, setup{realm: "recheck 0", site: endless(t) + guarded()})
	ask := func(version, path, token string) *http.Response {
		t.Helper()
		response, err := clients[version].Do(newRequest(t, "GET", site+path, nil, "Cookie", cookieName+"="+token))
		if err != nil {
			t.Fatal(version, err)
		}
		t.Cleanup(func() { response.Body.Close() })
		return response
	}
	logout := func(token string) {
		t.Helper()
		response, _ := do(t, clients["HTTP/1.1"], newRequest(t, "POST", site+"/logout", nil, "Cookie", cookieName+"="+token, "Sec-Fetch-Site", "same-origin"))
		assertEqual(t, "logout", response.StatusCode, 303)
	}
	become := func(user string) string { return ask("HTTP/1.1", "/become?user="+user, "").Cookies()[0].Value }
	for _, version := range []string{"HTTP/2.0", "HTTP/3.0"} {
		for _, path := range []string{"/endless/events", "/endless/download"} {
			open := func(token string) io.Reader {
				t.Helper()
				response := ask(version, path, token)
				assertEqual(t, "status and version", fmt.Sprintf("%d %s", response.StatusCode, response.Proto), "200 "+version)
				body := bufio.NewReader(response.Body)
				if _, err := body.Peek(2); err != nil {
					t.Fatal(version, err)
				}
				return body
			}
			alices, carols := become("alice"), become("carol")
			ended, lives := open(alices), open(carols)
			logout(alices)
			if _, err := io.ReadAll(ended); err == nil {
				t.Errorf("%s %s: it ended as if it were whole", version, path)
			}
			again := open(carols)
			logout(carols)
			for _, body := range []io.Reader{lives, again} {
				text, err := io.ReadAll(body)
				if err == nil || !strings.Contains(string(text), "hi") {
					t.Errorf("%s %s: %q, %v", version, path, text, err)
				}
			}
		}
	}
	s.checkLog()
}

// What came under a configuration that was replaced stays watched.
func TestS2_WhatIsUnderWayOutlivesAReloadAndNotItsSession(t *testing.T) {
	const first, second = "recheck 100ms\n\t\tcache_ttl 1h", "recheck 120ms\n\t\tcache_ttl 2h"
	for name, end := range map[string]func(s *server, token string){
		"a logout": func(s *server, token string) { assertStatus(t, s.logout(token), 303) },
		"SQL":      func(s *server, _ string) { execute(t, s.database(), "DELETE FROM "+table) },
	} {
		t.Run(name, func(t *testing.T) {
			s := startEndless(t, setup{realm: first})
			token := s.become(alice)
			c := kinds[3].open(t, s, token)
			config := s.config
			config.realm = second
			s.load(config)
			assertStaysOpen(t, "after the reload", c)
			end(s, token)
			c.ends(t, kinds[3])
		})
	}
}
