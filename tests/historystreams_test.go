//go:build unix

package tests

import (
	"io"
	"net"
	"strings"
	"time"

	"github.com/seed-11312c3d/caddy-session/tests/history"
)

// openStream is a stream that somebody reads until it is over.
type openStream struct {
	event *history.Event
	conn  net.Conn
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
