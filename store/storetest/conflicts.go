package storetest

import (
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Conflicts stands between a test and a PostgreSQL server, and has what is asked for
// collide with what nobody does, as distributed databases do: instead of a COMMIT the
// server gets a ROLLBACK, and the client that it is to try again.
type Conflicts struct {
	listener net.Listener
	server   *Server
	every    atomic.Int64
	refused  atomic.Int64
	mu       sync.Mutex
	conns    []net.Conn
	tasks    sync.WaitGroup
}

// ConflictsBefore starts a proxy that refuses nothing yet.
func ConflictsBefore(tb testing.TB, server *Server) *Conflicts {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	c := &Conflicts{listener: listener, server: server}
	c.tasks.Go(c.accept)
	tb.Cleanup(func() {
		_ = listener.Close()
		c.mu.Lock()
		for _, conn := range c.conns {
			_ = conn.Close()
		}
		c.mu.Unlock()
		c.tasks.Wait()
	})
	return c
}

// URL returns the URL of the server's database behind the proxy.
func (c *Conflicts) URL() string {
	return c.server.at("tester", c.listener.Addr().String(), "sslmode=disable")
}

// Refuse has one of so many COMMITs and of statements outside of transactions refused,
// on average.
func (c *Conflicts) Refuse(oneOf int) { c.every.Store(int64(oneOf)) }

// Refused is how many that were.
func (c *Conflicts) Refused() int { return int(c.refused.Load()) }

func (c *Conflicts) accept() {
	for {
		client, err := c.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("unix", filepath.Join(c.server.dir, ".s.PGSQL.5432"))
		if err != nil {
			_ = client.Close()
			continue
		}
		c.mu.Lock()
		c.conns = append(c.conns, client, server)
		c.mu.Unlock()
		p := &conflicting{Conflicts: c, client: client, server: server}
		end := func() { _, _ = client.Close(), server.Close() }
		c.tasks.Go(func() { defer end(); p.forth() })
		c.tasks.Go(func() { defer end(); p.back() })
	}
}

// isDue reports that what is asked for now is to be refused.
func (c *Conflicts) isDue() bool {
	every := c.every.Load()
	if every == 0 || rand.N(every) != 0 { // by chance: in turn it could be the same one again and again
		return false
	}
	c.refused.Add(1)
	return true
}

// conflicting is one connection. A client waits for each answer, so both directions
// take turns.
type conflicting struct {
	*Conflicts
	client, server net.Conn
	inTx           atomic.Bool
	rollingBack    atomic.Bool // instead of a COMMIT
}

// forth passes on what the client sends: first a message without a type.
func (p *conflicting) forth() {
	head := make([]byte, 4)
	if _, err := io.ReadFull(p.client, head); err != nil {
		return
	}
	start := make([]byte, binary.BigEndian.Uint32(head)-4)
	if _, err := io.ReadFull(p.client, start); err != nil {
		return
	}
	if _, err := p.server.Write(append(head, start...)); err != nil {
		return
	}
	skipping, first := false, true // of an exchange, which ends with a Sync
	for {
		kind, message, err := readMessage(p.client)
		if err != nil {
			return
		}
		if kind == 'Q' && strings.EqualFold(strings.TrimRight(string(message[5:]), "\x00"), "commit") && p.isDue() {
			p.rollingBack.Store(true)
			message = pgMessage('Q', "rollback\x00")
		}
		if first && (kind == 'P' || kind == 'B') && !p.inTx.Load() {
			skipping = p.isDue()
		}
		first = kind == 'S' || kind == 'Q'
		switch {
		case skipping && kind == 'S':
			skipping = false
			_, err = p.client.Write(slices.Concat(conflict, pgMessage('Z', "I")))
		case !skipping:
			_, err = p.server.Write(message)
		}
		if err != nil {
			return
		}
	}
}

// back passes on what the server answers.
func (p *conflicting) back() {
	for {
		kind, message, err := readMessage(p.server)
		if err != nil {
			return
		}
		if kind == 'C' && p.rollingBack.CompareAndSwap(true, false) {
			message = conflict
		}
		if kind == 'Z' {
			p.inTx.Store(message[5] != 'I')
		}
		if _, err := p.client.Write(message); err != nil {
			return
		}
	}
}

// conflict is the error that says that it is worth another try.
var conflict = pgMessage('E', "SERROR\x00VERROR\x00C40001\x00Mrestart transaction\x00\x00")

func pgMessage(kind byte, body string) []byte {
	message := binary.BigEndian.AppendUint32([]byte{kind}, uint32(4+len(body)))
	return append(message, body...)
}

func readMessage(from io.Reader) (kind byte, message []byte, err error) {
	message = make([]byte, 5)
	if _, err := io.ReadFull(from, message); err != nil {
		return 0, nil, err
	}
	size := binary.BigEndian.Uint32(message[1:])
	if size < 4 || size > 1<<24 {
		return 0, nil, errors.New("this is no message of PostgreSQL's")
	}
	message = append(message, make([]byte, size-4)...)
	_, err = io.ReadFull(from, message[5:])
	return message[0], message, err
}
