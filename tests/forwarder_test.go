//go:build unix

package tests

import (
	"io"
	"net"
	"sync"
	"testing"
)

// forwarder passes connections on to a server, and can cut them: a browser
// keeps some open, unused ones too, which the server of a configuration that is
// gone would answer.
type forwarder struct {
	net.Listener
	to *server

	mu      sync.Mutex
	conns   []net.Conn
	closed  bool
	serving sync.WaitGroup
}

// forward listens on loopback for a server.
func forward(t testing.TB, to *server) *forwarder {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &forwarder{Listener: listener, to: to}
	f.serving.Go(f.accept)
	t.Cleanup(func() {
		listener.Close()
		f.mu.Lock()
		f.closed = true
		f.mu.Unlock()
		f.cut()
		f.serving.Wait()
	})
	return f
}

func (f *forwarder) accept() {
	for {
		conn, err := f.Accept()
		if err != nil {
			return
		}
		back, err := net.Dial(f.to.network, f.to.address)
		if err != nil {
			conn.Close()
			continue
		}
		f.keep(conn, back)
		f.serving.Go(func() { pass(conn, back) })
		f.serving.Go(func() { pass(back, conn) })
	}
}

func (f *forwarder) keep(conns ...net.Conn) {
	f.mu.Lock()
	f.conns = append(f.conns, conns...)
	closed := f.closed
	f.mu.Unlock()
	if closed {
		f.cut()
	}
}

// pass copies until one of both ends is closed, and closes the other.
func pass(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	to.Close()
	from.Close()
}

// cut closes all connections of the moment.
func (f *forwarder) cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, conn := range f.conns {
		conn.Close()
	}
	f.conns = nil
}
