package storetest

import (
	"io"
	"net"
	"sync"
	"testing"
)

// Forwarder is an address that leads to one server and later to another, as a
// virtual IP or a service's name does.
type Forwarder struct {
	listener net.Listener
	to       *Server
	conns    []net.Conn
	mu       sync.Mutex
	tasks    sync.WaitGroup
}

// Forward listens on loopback for a server that does so too.
func Forward(tb testing.TB, to *Server) *Forwarder {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	f := &Forwarder{listener: listener, to: to}
	f.tasks.Go(f.accept)
	tb.Cleanup(func() {
		_ = listener.Close()
		f.Cut()
		f.tasks.Wait()
	})
	return f
}

// URL returns the URL of the server's database at this address.
func (f *Forwarder) URL(params ...string) string {
	return f.target().at("tester", f.Address(), params...)
}

// Address is where the forwarder listens.
func (f *Forwarder) Address() string { return f.listener.Addr().String() }

// To has new connections lead to another server. Those that there are stay as
// they are.
func (f *Forwarder) To(server *Server) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.to = server
}

// Cut closes all connections of the moment.
func (f *Forwarder) Cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, conn := range f.conns {
		_ = conn.Close()
	}
	f.conns = nil
}

func (f *Forwarder) target() *Server {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.to
}

func (f *Forwarder) accept() {
	defer f.Cut() // what came with the end
	for {
		conn, err := f.listener.Accept()
		if err != nil {
			return
		}
		back, err := net.Dial("tcp", f.target().Address())
		if err != nil {
			_ = conn.Close()
			continue
		}
		f.mu.Lock()
		f.conns = append(f.conns, conn, back)
		f.mu.Unlock()
		f.tasks.Go(func() { pass(conn, back) })
		f.tasks.Go(func() { pass(back, conn) })
	}
}

// pass copies until one of both ends is closed, and closes the other.
func pass(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.Close()
	_ = from.Close()
}
