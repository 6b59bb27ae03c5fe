//go:build unix

package tests

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

// patience bounds every wait. No test is right or wrong by how long it takes.
const patience = 60 * time.Second

// answer is what a client got.
type answer struct {
	message
	status  int
	interim []*message // 1xx
}

// client is a connection that sends bytes exactly as they are given.
type client struct {
	net.Conn
	r *bufio.Reader
}

// dial connects to the server.
func (s *server) dial(t testing.TB) *client {
	t.Helper()
	return dial(t, s.network, s.address)
}

func dial(t testing.TB, network, address string) *client {
	t.Helper()
	conn, err := net.Dial(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(2 * time.Minute)); err != nil { // what is stuck fails, and says where
		t.Fatal(err)
	}
	return newClient(conn)
}

func newClient(conn net.Conn) *client {
	_ = conn.SetDeadline(time.Now().Add(patience))
	return &client{conn, bufio.NewReader(conn)}
}

// send writes bytes.
func (c *client) send(t testing.TB, text string) {
	t.Helper()
	if _, err := c.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

// exchange sends one request and reads its answer.
func (c *client) exchange(text string) (*answer, error) {
	if _, err := c.Write([]byte(text)); err != nil {
		return nil, fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	return c.readAnswer(!strings.HasPrefix(text, "HEAD "))
}

// readHeader reads an answer up to its body.
func (c *client) readHeader() (*answer, error) {
	a := new(answer)
	for {
		m, err := readHead(c.r)
		if m == nil {
			return nil, fmt.Errorf("%w: %w", errNoAnswer, err)
		} else if err != nil {
			return nil, fmt.Errorf("reading the answer: %w", err)
		}
		_, rest, _ := strings.Cut(m.first, " ")
		status, _, _ := strings.Cut(rest, " ")
		if a.status, err = strconv.Atoi(status); err != nil {
			return nil, fmt.Errorf("status line %q: %w", m.first, err)
		}
		a.message = *m
		if a.status >= 200 || a.status == 101 {
			return a, nil
		}
		a.interim = append(a.interim, m)
	}
}

func (c *client) readAnswer(body bool) (*answer, error) {
	a, err := c.readHeader()
	if err != nil || !body || a.status == 204 || a.status == 304 || a.status == 101 {
		return a, err
	}
	return a, a.readBody(c.r, true)
}

// request writes a request without a body.
func request(method, target string, lines ...string) string {
	text := method + " " + target + " HTTP/1.1\r\nHost: app.test\r\n"
	for _, line := range lines {
		text += line + "\r\n"
	}
	return text + "\r\n"
}

// requestWithBody writes a request whose body has a known length.
func requestWithBody(method, target, body string, lines ...string) string {
	lines = append(lines, "Content-Length: "+strconv.Itoa(len(body)))
	return request(method, target, lines...) + body
}

// raw sends bytes on a connection of their own and reads one answer.
func (s *server) raw(text string) *answer {
	s.t.Helper()
	a, err := s.ask(text)
	if err != nil {
		s.t.Fatalf("%v\nafter sending\n%s", err, text)
	}
	return a
}

// ask is like raw, but leaves errors to the caller. Like a browser it asks again
// when the server closed the connection before it answered anything, which
// Caddy does during a reload with connections that it had not read from.
func (s *server) ask(text string) (a *answer, err error) {
	for range 20 {
		var conn net.Conn
		if conn, err = net.Dial(s.network, s.address); err != nil {
			continue
		}
		a, err = newClient(conn).exchange(text)
		conn.Close()
		if !errors.Is(err, errNoAnswer) {
			break
		}
	}
	return a, err
}

var errNoAnswer = errors.New("no answer")

func (s *server) get(target string, lines ...string) *answer {
	s.t.Helper()
	return s.raw(request("GET", target, lines...))
}

func (s *server) post(target string, lines ...string) *answer {
	s.t.Helper()
	return s.raw(requestWithBody("POST", target, "", lines...))
}
