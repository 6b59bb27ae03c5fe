//go:build unix

package tests

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/seed-11312c3d/caddy-session/tests/history"
)

// recorder is what all clients write their histories into.
type recorder struct {
	began time.Time

	mu       sync.Mutex
	events   []*history.Event
	sessions int
	tokens   map[int]string
	streams  []*openStream
}

// openStream is a stream that somebody reads until it is over.
type openStream struct {
	event *history.Event
	conn  net.Conn
}

func newRecorder() *recorder { return &recorder{began: time.Now(), tokens: make(map[int]string)} }

func (r *recorder) now() time.Duration { return time.Since(r.began) }

// note writes down what is over.
func (r *recorder) note(e *history.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

// browserSession is a session as its browser knows it.
type browserSession struct {
	number int
	email  string
	token  string
}

// browsing is one person with several browsers.
type browsing struct {
	*recorder
	user  string
	nodes []*process
	db    *sql.DB // an administrator's
	rand  *rand.Rand
	live  []browserSession
	ended []browserSession
}

// exchange sends a request on a connection of its own. The status is 0 where there was
// no answer.
func exchange(network, address, text string) *answer {
	conn, err := net.Dial(network, address)
	if err != nil {
		return noAnswer(err)
	}
	defer conn.Close()
	a, err := newClient(conn).exchange(text)
	if err != nil {
		return noAnswer(err)
	}
	return a
}

// noAnswer is what a client has instead of an answer, with the reason as its body.
func noAnswer(err error) *answer { return &answer{message: message{body: err.Error()}} }

func (b *browsing) exchange(node int, text string) *answer {
	return exchange(b.nodes[node].network, b.nodes[node].address, text)
}

// login starts a session whose identity no other has, and reports whether it could.
func (b *browsing) login(node int) bool {
	b.mu.Lock()
	b.sessions++
	s := browserSession{number: b.sessions, email: fmt.Sprintf("s%d@example.com", b.sessions)}
	b.mu.Unlock()
	e := &history.Event{Kind: history.Login, Node: node, Who: b.user + " " + s.email, Begin: b.now()}
	a := b.exchange(node, request("GET", "/become?"+url.Values{"user": {b.user}, "email": {s.email}}.Encode()))
	e.Done, e.Status = b.now(), a.status
	for _, line := range a.values("Set-Cookie") {
		if value, found := strings.CutPrefix(line, cookieName+"="); found && a.status == 200 {
			s.token, _, _ = strings.Cut(value, ";")
			e.Session = s.number
			b.live = append(b.live, s)
			b.mu.Lock()
			b.tokens[s.number] = s.token
			b.mu.Unlock()
		}
	}
	b.note(e)
	return e.Session != 0
}

// ask sends a request as a session and returns its status.
func (b *browsing) ask(node int, s browserSession) int {
	e := &history.Event{Kind: history.Request, Session: s.number, Node: node, Begin: b.now()}
	a := b.exchange(node, request("GET", "/", cookie(s.token)))
	e.Done, e.Status, e.Who = b.now(), a.status, told(a.body)
	if e.Status == 0 {
		e.Error = a.body
	}
	b.note(e)
	return e.Status
}

// told is whom the app was told, in what it answers.
func told(text string) string {
	_, text, _ = strings.Cut(text, "data: ")
	who, _, _ := strings.Cut(text, "|")
	return who
}

// echo is an app that says whom it was told, and does not end a stream.
func echo(u *upstream) answerFunc {
	return func(c net.Conn, r *message) {
		u.take()
		text := "data: " + r.value("Remote-User") + " " + r.value("Remote-Email") + "|\n\n"
		switch {
		case r.value("Upgrade") != "":
			say(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n\x81"+string(rune(len(text)))+text)
		case strings.Contains(r.first, "/events"):
			say(c, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"+text)
		default:
			reply(200, text)(c, r)
			return
		}
		_, _ = io.Copy(io.Discard, c)
		c.Close()
	}
}

// open begins a WebSocket or an event stream, which is read until it is over.
func (b *browsing) open(node int, s browserSession) {
	text := request("GET", "/events", cookie(s.token))
	if b.rand.IntN(2) == 0 {
		text = request("GET", "/socket", append(webSocketLines, cookie(s.token))...)
	}
	e := &history.Event{Kind: history.Stream, Session: s.number, Node: node, Begin: b.now()}
	conn, a, who := begin(b.nodes[node].server, text)
	e.Done, e.Status, e.Who = b.now(), a.status, who
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events, e)
	if conn == nil {
		if e.Status == 200 || e.Status == 101 {
			e.Closed = e.Done
		}
		return
	}
	stream := &openStream{e, conn}
	b.streams = append(b.streams, stream)
	go func() {
		_, _ = io.Copy(io.Discard, conn)
		b.over(stream, false)
	}()
}

// begin reads an answer up to the identity that it tells. It returns a connection if
// that goes on.
func begin(s *server, text string) (net.Conn, *answer, string) {
	conn, err := net.Dial(s.network, s.address)
	if err != nil {
		return nil, new(answer), ""
	}
	c := newClient(conn)
	if _, err := c.Write([]byte(text)); err != nil {
		conn.Close()
		return nil, new(answer), ""
	}
	a, err := c.readHeader()
	if err != nil || a.status != 200 && a.status != 101 {
		conn.Close()
		if err != nil {
			a = new(answer)
		}
		return nil, a, ""
	}
	said, err := c.r.ReadString('|')
	if err != nil { // it was cut before it had said anything
		conn.Close()
		return nil, a, ""
	}
	_ = conn.SetDeadline(time.Time{})
	return conn, a, told(said)
}

// over writes down the end of a stream, once.
func (r *recorder) over(s *openStream, byClient bool) {
	r.mu.Lock()
	if s.event.Closed == 0 {
		s.event.Closed, s.event.ByClient = r.now(), byClient
	}
	r.mu.Unlock()
	s.conn.Close()
}

// ending is a way to end sessions, on a node unless it is SQL. It returns a status:
// of SQL 200 or 0.
type ending struct {
	means string
	all   bool // of the user's
	end   func(b *browsing, node int, s browserSession) int
}

var endings = []ending{
	{"logout", false, func(b *browsing, node int, s browserSession) int {
		return b.exchange(node, requestWithBody("POST", "/logout", "", cookie(s.token), "Sec-Fetch-Site: same-origin")).status
	}},
	{"the admin API", false, endByID},
	{"the admin API for a user", true, func(b *browsing, node int, _ browserSession) int {
		return b.admin(node, "DELETE", "users/"+b.user+"/sessions").status
	}},
	{history.SQL, true, func(b *browsing, _ int, _ browserSession) int {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		if _, err := b.db.ExecContext(ctx, "DELETE FROM "+table+" WHERE user_id = '"+b.user+"'"); err != nil {
			return 0
		}
		return 200
	}},
}

// admin calls a node's admin API.
func (b *browsing) admin(node int, method, target string) *answer {
	return exchange("unix", b.nodes[node].dir+"/admin.sock", method+" /session/default/"+target+" HTTP/1.1\r\nHost: \r\n\r\n")
}

// endByID looks for the session among the user's, as a program would.
func endByID(b *browsing, node int, s browserSession) int {
	a := b.admin(node, "GET", "sessions?user="+b.user)
	if a.status != 200 {
		return a.status
	}
	var hers []shown
	_ = json.Unmarshal([]byte(a.body), &hers)
	for _, session := range hers {
		if session.Claims["email"] == s.email {
			return b.admin(node, "DELETE", "sessions/"+session.ID).status
		}
	}
	return 404 // an earlier attempt that failed has ended it after all
}

// end ends the session at a place among the living, or all of them.
func (b *browsing) end(how ending, node, place int) {
	goes := []browserSession{b.live[place]}
	if how.all {
		goes = append([]browserSession(nil), b.live...)
	}
	at := node
	if how.means == history.SQL {
		at = history.NoNode
	}
	began := b.now()
	status := how.end(b, node, goes[0])
	done := b.now()
	for _, s := range goes {
		b.note(&history.Event{Kind: history.End, Session: s.number, Node: at, Begin: began, Done: done, Status: status, Means: how.means})
	}
	if status < 200 || status >= 400 {
		return // nobody knows; it is tried again later
	}
	b.ended = append(b.ended, goes...)
	if how.all {
		b.live = nil
	} else {
		b.live = append(b.live[:place:place], b.live[place+1:]...)
	}
	b.pursue(goes, node)
}

// pursue asks for what has ended until all nodes refuse it, which is how late they are.
func (b *browsing) pursue(goes []browserSession, first int) {
	for n := range b.nodes {
		for _, s := range goes {
			for deadline := time.Now().Add(patience); b.ask((first+n)%len(b.nodes), s) == 200 && time.Now().Before(deadline); {
				<-time.After(5 * time.Millisecond)
			}
		}
	}
}

// browse does this and that until the time is over.
func (b *browsing) browse(ctx context.Context) {
	for ctx.Err() == nil {
		node := b.rand.IntN(len(b.nodes))
		switch n := b.rand.IntN(100); {
		case len(b.live) == 0 || len(b.live) < 3 && n < 10:
			b.login(node)
		case n < 15:
			b.end(endings[b.rand.IntN(len(endings))], node, b.rand.IntN(len(b.live)))
		case n < 25:
			b.open(node, b.live[b.rand.IntN(len(b.live))])
		case n < 40 && len(b.ended) > 0:
			b.ask(node, b.ended[max(0, len(b.ended)-1-b.rand.IntN(4))])
		default:
			b.ask(node, b.live[b.rand.IntN(len(b.live))])
		}
		<-time.After(time.Duration(b.rand.IntN(20)) * time.Millisecond)
	}
}
