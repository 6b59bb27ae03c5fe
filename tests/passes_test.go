//go:build unix

package tests

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// What passes is told with an idle timeout of 8 s, of which activity is noted
// every 2 s.
const passesIdle = 8 * time.Second

// passesSite has a guard, and one with `passive` below /passive. Streams outlive their
// sessions, so that a forgotten one can go on sending what does not count.
func passesSite() string {
	return "handle /passive* {\n session {\n passive\n streams keep\n }\n reverse_proxy {app}\n}\n" + guarded("streams keep")
}

// passing is something that goes on: with each step a little of it passes.
type passing struct {
	name  string
	works bool // somebody does something, who must not be logged out
	token string
	step  func(t *testing.T)
}

// webSocketLines ask for a WebSocket.
var webSocketLines = []string{"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"}

// Opcodes of WebSocket frames.
const (
	opContinue, opText, opBinary = 0x0, 0x1, 0x2
	opClose, opPing, opPong      = 0x8, 0x9, 0xa
)

// wsFrame is a frame as a browser sends it, with a mask of zeros.
func wsFrame(opcode byte, text string) string {
	if len(text) > 125 {
		return string([]byte{0x80 | opcode, 0x80 | 126, byte(len(text) >> 8), byte(len(text)), 0, 0, 0, 0}) + text
	}
	return string([]byte{0x80 | opcode, 0x80 | byte(len(text)), 0, 0, 0, 0}) + text
}

// answersAsItGoes has the app echo WebSockets, and answer everything else with
// the pieces that come over the channel of its path.
func (s *server) answersAsItGoes(pieces map[string]chan string) {
	s.app.answers(func(c net.Conn, r *message) {
		path := strings.Fields(r.first)[1]
		next, ok := pieces[path]
		switch {
		case r.value("Upgrade") != "":
			say(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: "+r.value("Upgrade")+"\r\nSec-WebSocket-Accept: x\r\n\r\n")
			defer c.Close()
			if !ok {
				_, _ = io.Copy(c, c)
				return
			}
			for piece := range next {
				say(c, piece)
			}
		case ok:
			say(c, "HTTP/1.1 200 OK\r\nContent-Type: "+contentTypes[path]+"\r\nTransfer-Encoding: chunked\r\n\r\n")
			for piece := range next {
				say(c, fmt.Sprintf("%x\r\n%s\r\n", len(piece), piece))
			}
			say(c, "0\r\n\r\n")
		default:
			reply(200, "ok")(c, r)
		}
	})
}

var contentTypes = map[string]string{
	"/download": "application/x-ndjson", "/events": "Text/Event-Stream ;charset=utf-8", "/passive/download": "application/octet-stream",
}

// webSocket opens a WebSocket. A step sends the frames and awaits their echo.
func (s *server) webSocket(t *testing.T, token, path string, frames ...string) (*client, func(t *testing.T)) {
	t.Helper()
	c := s.dial(t)
	c.send(t, request("GET", path, append(webSocketLines, cookie(token))...))
	a, err := c.readHeader()
	if err != nil {
		t.Fatal(err)
	}
	assertStatus(t, a, 101)
	text := strings.Join(frames, "")
	return c, func(t *testing.T) {
		for _, frame := range frames {
			c.send(t, frame)
		}
		c.expect(t, text)
	}
}

// expect reads exactly these bytes.
func (c *client) expect(t *testing.T, text string) {
	t.Helper()
	got := make([]byte, len(text))
	if _, err := io.ReadFull(c.r, got); err != nil || string(got) != text {
		t.Fatalf("got %q, want %q: %v", got, text, err)
	}
}

// download opens a request whose answer goes on. A step has the app send a piece
// and awaits it.
func (s *server) download(t *testing.T, token, path, piece string, pieces map[string]chan string, lines ...string) func(t *testing.T) {
	t.Helper()
	c := s.dial(t)
	c.send(t, request("GET", path, append(lines, cookie(token))...))
	a, err := c.readHeader()
	if err != nil {
		t.Fatal(err)
	}
	want := piece
	if a.status != 101 {
		assertStatus(t, a, 200)
		want = fmt.Sprintf("%x\r\n%s\r\n", len(piece), piece)
	}
	return func(t *testing.T) {
		hand(t, pieces[path], piece)
		c.expect(t, want)
	}
}

// hand gives the app the next piece of an answer.
func hand(t *testing.T, next chan<- string, piece string) {
	t.Helper()
	select {
	case next <- piece:
	case <-time.After(2 * time.Minute):
		t.Fatal("the app's answer has ended")
	}
}

// upload opens a request whose body goes on. A step sends a piece.
func (s *server) upload(t *testing.T, token, path string) func(t *testing.T) {
	t.Helper()
	c := s.dial(t)
	c.send(t, request("POST", path, "Transfer-Encoding: chunked", cookie(token)))
	return func(t *testing.T) { c.send(t, "5\r\nbytes\r\n") }
}

func TestS12_WhoWorksIsNotLoggedOutAndWhoOnlyPollsIs(t *testing.T) {
	s := start(t, setup{site: passesSite(), realm: "idle_timeout " + passesIdle.String()})
	pieces := make(map[string]chan string)
	for _, path := range []string{"/download", "/events", "/push", "/passive/download"} {
		pieces[path] = make(chan string)
		t.Cleanup(func() { close(pieces[path]) })
	}
	s.answersAsItGoes(pieces)
	var all []*passing
	begin := func(name string, works bool, open func(token string) func(t *testing.T)) {
		p := &passing{name: name, works: works, token: s.become(identity{user: strings.ReplaceAll(name, " ", "-")})}
		p.step = open(p.token)
		all = append(all, p)
	}
	socket := func(path string, frames ...string) func(token string) func(t *testing.T) {
		return func(token string) func(t *testing.T) {
			_, step := s.webSocket(t, token, path, frames...)
			return step
		}
	}
	long := wsFrame(opBinary, strings.Repeat("x", 1000))
	// 1. Some work, each in another way.
	begin("text", true, socket("/", wsFrame(opText, "hi")))
	begin("a long message among pings", true, socket("/", wsFrame(opPing, "p"), long[:500], long[500:], wsFrame(opContinue, "end")))
	begin("an upload", true, func(token string) func(*testing.T) { return s.upload(t, token, "/upload") })
	begin("a download", true, func(token string) func(*testing.T) { return s.download(t, token, "/download", "{}\n", pieces) })
	// 2. Of others only a page is left.
	begin("pings", false, socket("/", wsFrame(opPing, "data: \x81\x80"), wsFrame(opPong, ""), wsFrame(opClose, "\x03\xe8")))
	begin("an event stream", false, func(token string) func(*testing.T) { return s.download(t, token, "/events", ": heartbeat\n\n", pieces) })
	begin("what the app sends over a WebSocket", false, func(token string) func(*testing.T) {
		return s.download(t, token, "/push", "\x81\x02hi", pieces, webSocketLines...)
	})
	begin("a passive WebSocket", false, socket("/passive", wsFrame(opText, "beat")))
	begin("a passive upload", false, func(token string) func(*testing.T) { return s.upload(t, token, "/passive/upload") })
	begin("a passive download", false, func(token string) func(*testing.T) {
		return s.download(t, token, "/passive/download", "0", pieces)
	})
	begin("polling", false, func(token string) func(*testing.T) {
		return func(t *testing.T) { assertStatus(t, s.get("/passive/poll", cookie(token)), 200) }
	})
	// 3. All of that goes on for as long as the idle timeout; of the polling, nobody
	// knows when its last poll is.
	end := time.Now().Add(passesIdle + 100*time.Millisecond)
	for time.Now().Before(end) {
		for _, p := range all {
			if p.name != "polling" || time.Now().Before(end.Add(-2*time.Second)) {
				p.step(t)
			}
		}
		waitUntil(time.Now().Add(20 * time.Millisecond))
	}
	// 4. Who works is still there.
	for _, p := range all {
		want := 401
		if p.works {
			want = 200
		}
		if a := s.get("/", cookie(p.token)); a.status != want {
			t.Errorf("%s: status %d, want %d", p.name, a.status, want)
		}
	}
}

// What is over is not brought back by what still passes.
func TestS12_BytesBringNoSessionBack(t *testing.T) {
	s := start(t, setup{site: guarded("streams keep"), realm: "idle_timeout 2s"})
	s.answersAsItGoes(nil)
	data := wsFrame(opText, "still here")
	// 1. Alice logs out, and her WebSocket goes on.
	gone := s.become(alice)
	_, step := s.webSocket(t, gone, "/", data)
	step(t)
	s.logout(gone)
	// 2. Carol's is silent for longer than the idle timeout.
	idle := s.become(carol)
	_, idleStep := s.webSocket(t, idle, "/", data)
	waitUntil(time.Now().Add(2100 * time.Millisecond))
	// 3. Whatever they send afterwards, nobody is logged in again.
	for range 20 {
		step(t)
		idleStep(t)
		for _, token := range []string{gone, idle} {
			assertStatus(t, s.get("/", cookie(token)), 401)
		}
		waitUntil(time.Now().Add(20 * time.Millisecond))
	}
	// 4. A note of bob's is written after any that there may be of theirs.
	db := s.database()
	present := s.become(bob)
	seen := number(t, db, "SELECT seen FROM "+table+" WHERE user_id = 'bob'")
	eventually(t, "activity is written", func() bool {
		s.get("/", cookie(present))
		return number(t, db, "SELECT seen FROM "+table+" WHERE user_id = 'bob'") > seen
	})
	assertEqual(t, "alice's rows", number(t, db, "SELECT count(*) FROM "+table+" WHERE user_id = 'alice'"), 0)
	for _, token := range []string{gone, idle} {
		assertStatus(t, s.get("/", cookie(token)), 401)
	}
}

// Two guards with a matcher each, as the documentation shows: only one of them
// is passive.
func TestS12_APassiveGuardBesideAnother(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 0", site: `
		handle /become {
			session_login {
				user {query.user}
			}
			respond welcome
		}
		handle {
			@poll path /poll
			@rest not path /poll
			session @poll {
				passive
			}
			session @rest
			reverse_proxy {app}
		}`})
	db := s.database()
	token := s.become(bob)
	execute(t, db, "UPDATE "+table+" SET seen = seen - 1800000")
	old := number(t, db, "SELECT seen FROM "+table)
	// The note of another session is written after any that there may be of a poll.
	s.get("/poll", cookie(token))
	assertID(t, s.app.one(t), bob)
	other := s.become(carol)
	execute(t, db, "UPDATE "+table+" SET seen = seen - 1800000 WHERE user_id = 'carol'")
	began := millis(time.Now())
	s.get("/", cookie(other))
	eventually(t, "activity is written", func() bool {
		return number(t, db, "SELECT max(seen) FROM "+table) >= began
	})
	assertEqual(t, "bob was seen", number(t, db, "SELECT seen FROM "+table+" WHERE user_id = 'bob'"), old)
	s.get("/", cookie(token))
	eventually(t, "bob's activity is written", func() bool {
		return number(t, db, "SELECT min(seen) FROM "+table) >= began
	})
}

func TestS12_PassiveHasNoEffectOnSessionsOfAnotherProgram(t *testing.T) {
	s := start(t, setup{site: passesSite()})
	assertEqual(t, "warnings of the module's own", s.logged("warn", "`passive` has no effect"), 0)
	execute(t, s.database(), "CREATE TABLE tower_sessions (id text PRIMARY KEY, data blob, expiry_date integer)")
	s.load(setup{site: "session {\n passive\n}\nreverse_proxy {app}", realm: "format tower"})
	assertEqual(t, "warnings of another program's", s.logged("warn", "`passive` has no effect"), 1)
}

// A guard for one path beside the guard of the whole site, which has the last word
// on what goes upstream.
func TestD4_AGuardWithAMatcherLeavesTheOthersOptionsAlone(t *testing.T) {
	s := start(t, setup{site: `handle /become {
		session_login {
			user {query.user}
		}
		respond "welcome"
	}
	handle {
		session /poll {
			passive
		}
		session {
			forward_cookie
			app_cookies inbox
		}
		reverse_proxy {app}
	}`})
	token := s.become(alice)
	s.app.answers(reply(200, "ok", "Set-Cookie: inbox=7; Path=/"))
	a := s.get("/", cookie(token))
	seal, _ := setCookie(t, a, "inbox-bound")
	s.app.take()
	for _, target := range []string{"/", "/poll"} {
		s.get(target, cookie(token)+"; inbox=7; inbox-bound="+seal+"; a=b")
		got := s.app.one(t)
		assertEqual(t, "user at "+target, got.value("Remote-User"), "alice")
		if target == "/" {
			assertEqual(t, "cookies at "+target, got.value("Cookie"), cookieName+"="+token+"; inbox=7; a=b")
		} else { // the guard of this path decides first, and forwards no cookie of ours
			assertEqual(t, "cookies at "+target, got.value("Cookie"), "inbox=7; a=b")
		}
	}
	// Nobody's own cookies stay out.
	s.get("/", "Cookie: inbox=7; a=b")
	s.app.untouched(t)
}
