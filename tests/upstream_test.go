//go:build unix

package tests

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// upstream is an application that trusts headers. It reads requests off the
// wire byte for byte and answers as the test tells it.
type upstream struct {
	address string // as reverse_proxy wants it

	mu       sync.Mutex
	received []*message
	answer   answerFunc
	conns    map[net.Conn]bool
	closed   bool
}

// answerFunc writes the answer to a request. What it writes is not checked.
type answerFunc func(c net.Conn, r *message)

// newUpstream starts an upstream that answers 200 with the body "ok".
func newUpstream(t testing.TB) *upstream {
	t.Helper()
	path := filepath.Join(shortDir(t), "app.sock")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	u := &upstream{address: "unix/" + path, answer: reply(200, "ok"), conns: make(map[net.Conn]bool)}
	var serving sync.WaitGroup
	serving.Go(func() { u.accept(listener, &serving) })
	t.Cleanup(func() {
		listener.Close()
		u.hangUp()
		serving.Wait()
	})
	return u
}

func (u *upstream) accept(listener net.Listener, serving *sync.WaitGroup) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		u.mu.Lock()
		u.conns[conn] = true
		closed := u.closed
		u.mu.Unlock()
		if closed {
			conn.Close()
		}
		serving.Go(func() { u.serve(conn) })
	}
}

// hangUp closes every connection.
func (u *upstream) hangUp() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.closed = true
	for conn := range u.conns {
		conn.Close()
	}
}

func (u *upstream) serve(conn net.Conn) {
	defer func() {
		conn.Close()
		u.mu.Lock()
		delete(u.conns, conn)
		u.mu.Unlock()
	}()
	r := bufio.NewReader(conn)
	for {
		request, err := readHead(r)
		if err != nil {
			return
		}
		if err := request.readBody(r, false); err != nil {
			return
		}
		u.mu.Lock()
		u.received = append(u.received, request)
		answer := u.answer
		u.mu.Unlock()
		answer(unread{conn, r}, request)
	}
}

// unread is a connection of which a reader may have read ahead.
type unread struct {
	net.Conn
	r *bufio.Reader
}

func (c unread) Read(p []byte) (int, error) { return c.r.Read(p) }

// answers sets what the next requests are answered with.
func (u *upstream) answers(answer answerFunc) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.answer = answer
}

// take returns what was received since the last time.
func (u *upstream) take() []*message {
	u.mu.Lock()
	defer u.mu.Unlock()
	received := u.received
	u.received = nil
	return received
}

// one returns the only request that was received since the last time.
func (u *upstream) one(t testing.TB) *message {
	t.Helper()
	received := u.take()
	if len(received) != 1 {
		t.Fatalf("the upstream received %d requests, want 1: %v", len(received), received)
	}
	return received[0]
}

// untouched fails the test if anything was received since the last time.
func (u *upstream) untouched(t testing.TB) {
	t.Helper()
	if received := u.take(); len(received) != 0 {
		t.Errorf("the upstream was touched:\n%v", received)
	}
}

// reply is an answer with a body of known length and raw header lines.
func reply(status int, body string, lines ...string) answerFunc {
	head := fmt.Sprintf("HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	for _, line := range lines {
		head += line + "\r\n"
	}
	return func(c net.Conn, r *message) {
		text := head + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body))
		if !strings.HasPrefix(r.first, "HEAD ") {
			text += body
		}
		say(c, text)
	}
}

// replyRaw is an answer of exactly these bytes.
func replyRaw(text string) answerFunc {
	return func(c net.Conn, _ *message) { say(c, text) }
}

// say writes to a connection whose other end may have gone.
func say(c net.Conn, text string) {
	if _, err := c.Write([]byte(text)); err != nil && !errors.Is(err, net.ErrClosed) {
		c.Close()
	}
}

// dropConns closes the connections of the moment.
func (u *upstream) dropConns() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for conn := range u.conns {
		conn.Close()
	}
}

// keepWaiting sends requests that the app does not answer before they are let
// go, which returns their answers. It sends a few at a time, since what is asked
// for at once may be too much for a busy machine.
func (s *server) keepWaiting(n int, token string) (letGo func() []*answer) {
	s.t.Helper()
	const atOnce = 20
	arrived, release, early := make(chan bool, n), make(chan bool), make(chan *answer, n)
	end := sync.OnceFunc(func() { close(release) })
	s.t.Cleanup(end)
	s.app.answers(func(c net.Conn, r *message) {
		arrived <- true
		<-release
		reply(200, "late")(c, r)
	})
	var waiting sync.WaitGroup
	got := make([]*answer, n)
	send := func(i int) {
		c := s.dial(s.t)
		waiting.Go(func() {
			got[i], _ = c.exchange(request("GET", "/", cookie(token)))
			early <- got[i]
		})
	}
	await := func() {
		select {
		case <-arrived:
		case a := <-early:
			s.t.Fatalf("a request did not wait at the app: %v", a)
		}
	}
	for i := range n {
		send(i)
		if i >= atOnce {
			await()
		}
	}
	for range min(atOnce, n) {
		await()
	}
	s.app.answers(reply(200, "ok"))
	s.app.take()
	return func() []*answer {
		end()
		waiting.Wait()
		return got
	}
}
