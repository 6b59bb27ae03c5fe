//go:build unix

package tests

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"sync"
	"testing"
)

// Record types of FastCGI.
const (
	fcgiEndRequest = 3
	fcgiParams     = 4
	fcgiStdin      = 5
	fcgiStdout     = 6
)

// fastCGI is a responder that records the parameters of requests, in the order
// in which they arrive and with those that arrive twice.
type fastCGI struct {
	address string

	mu       sync.Mutex
	received [][]param
}

type param struct{ name, value string }

func newFastCGI(t testing.TB) *fastCGI {
	t.Helper()
	path := filepath.Join(shortDir(t), "fcgi.sock")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	f := &fastCGI{address: "unix/" + path}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { f.serve(conn) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		serving.Wait()
	})
	return f
}

func (f *fastCGI) serve(conn net.Conn) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	var params []byte
	for {
		kind, content, err := readRecord(r)
		if err != nil {
			return
		}
		switch {
		case kind == fcgiParams:
			params = append(params, content...)
		case kind == fcgiStdin && len(content) == 0:
			f.mu.Lock()
			f.received = append(f.received, parseParams(params))
			f.mu.Unlock()
			writeRecord(conn, fcgiStdout, "Status: 200 OK\r\nContent-Type: text/plain\r\n\r\nok")
			writeRecord(conn, fcgiStdout, "")
			writeRecord(conn, fcgiEndRequest, "\x00\x00\x00\x00\x00\x00\x00\x00")
			return
		}
	}
}

// readRecord reads version, type, request id, content length, padding length,
// a reserved byte, content and padding.
func readRecord(r io.Reader) (kind byte, content []byte, err error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	content = make([]byte, binary.BigEndian.Uint16(head[4:]))
	if _, err := io.ReadFull(r, content); err != nil {
		return 0, nil, err
	}
	_, err = io.CopyN(io.Discard, r, int64(head[6]))
	return head[1], content, err
}

func writeRecord(w io.Writer, kind byte, content string) {
	head := []byte{1, kind, 0, 1, byte(len(content) >> 8), byte(len(content)), 0, 0}
	fmt.Fprintf(w, "%s%s", head, content)
}

// parseParams reads pairs of name and value, each with its length in front.
func parseParams(p []byte) (params []param) {
	for len(p) > 0 {
		var name, value int
		name, p = paramLength(p)
		value, p = paramLength(p)
		params = append(params, param{string(p[:name]), string(p[name : name+value])})
		p = p[name+value:]
	}
	return params
}

func paramLength(p []byte) (int, []byte) {
	if p[0] < 0x80 {
		return int(p[0]), p[1:]
	}
	return int(binary.BigEndian.Uint32(p) & 0x7fffffff), p[4:]
}

// take returns what was received since the last time.
func (f *fastCGI) take() [][]param {
	f.mu.Lock()
	defer f.mu.Unlock()
	received := f.received
	f.received = nil
	return received
}
