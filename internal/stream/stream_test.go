package stream

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// counter counts what is noted.
type counter int

func (c *counter) Note(time.Time) { *c++ }

func TestS12_EachPieceOfABodyIsNotedAndItsEndIsNot(t *testing.T) {
	var noted counter
	body := WatchBody(io.NopCloser(iotest.OneByteReader(strings.NewReader("upload"))), NewClient(&noted, false))
	text, err := io.ReadAll(body)
	if err != nil || string(text) != "upload" || noted != 6 {
		t.Errorf("%q arrived, %d pieces were noted, %v", text, noted, err)
	}
}

func TestS12_AWebSocketInABody(t *testing.T) {
	var noted counter
	text := string(frame(0x9, 5, true)) + string(frame(0xa, 5, true))
	read := func(text string) {
		t.Helper()
		body := WatchBody(io.NopCloser(strings.NewReader(text)), NewClient(&noted, true))
		if got, err := io.ReadAll(body); err != nil || string(got) != text {
			t.Fatal(got, err)
		}
	}
	read(text)
	if noted != 0 {
		t.Error("a ping was noted")
	}
	read(text + string(frame(0x1, 5, true)))
	if noted != 1 {
		t.Error("data was not noted once")
	}
}

// takenOver is a connection after a handler took it over, with what the client
// sends first already in the reader's buffer, and the client's end of it.
func takenOver(t *testing.T, early string, webSocket bool) (conn net.Conn, r *bufio.Reader, client net.Conn, noted *counter) {
	t.Helper()
	server, client := net.Pipe()
	t.Cleanup(func() { server.Close(); client.Close() })
	r = bufio.NewReader(io.MultiReader(strings.NewReader(early), server))
	if _, err := r.Peek(len(early)); err != nil {
		t.Fatal(err)
	}
	noted = new(counter)
	return hijacked(server, r, noted, webSocket), r, client, noted
}

// hijacked is a connection as a handler gets it whose request is watched.
func hijacked(below net.Conn, r *bufio.Reader, noted *counter, webSocket bool) net.Conn {
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	if request.Header.Set("Upgrade", "other"); webSocket {
		request.Header.Set("Upgrade", "WebSocket")
	}
	var use Use
	use.Begin(noted, request)
	return use.Hijacked(below, bufio.NewReadWriter(r, bufio.NewWriter(below)), true, nil)
}

func send(client net.Conn, pieces ...string) {
	go func() {
		for _, piece := range pieces {
			_, _ = io.WriteString(client, piece)
		}
	}()
}

// What came too early is in the reader's buffer, as a proxy expects, and has
// been looked at; the connection goes on where that ends.
func TestS12_WhatCameEarlyIsReadOnce(t *testing.T) {
	ping, data := string(frame(0x9, 10, true)), string(frame(0x2, 300, true))
	// 1. A ping and a half of a frame with data came early.
	conn, r, client, noted := takenOver(t, ping+data[:100], true)
	if r.Buffered() != len(ping)+100 || *noted != 1 {
		t.Fatalf("%d bytes in the buffer, %d notes", r.Buffered(), *noted)
	}
	// 2. A proxy looks at them, and reads on from the connection itself.
	if early, _ := r.Peek(r.Buffered()); string(early) != ping+data[:100] {
		t.Errorf("in the buffer is %q", early)
	}
	send(client, data[100:200], data[200:]+ping, ping)
	rest := make([]byte, len(data)-100+2*len(ping))
	if _, err := io.ReadFull(conn, rest); err != nil || string(rest) != data[100:]+ping+ping {
		t.Fatal(err)
	}
	if *noted != 3 {
		t.Errorf("%d notes, want 3", *noted)
	}
}

func TestS12_AReaderGoesOnFromWhatCameEarly(t *testing.T) {
	ping, data := string(frame(0x9, 10, true)), string(frame(0x2, 300, true))
	_, r, client, noted := takenOver(t, ping[:7], true)
	send(client, ping[7:], data)
	text := make([]byte, len(ping)+len(data))
	if _, err := io.ReadFull(r, text); err != nil || string(text) != ping+data {
		t.Fatalf("%q: %v", text, err)
	}
	if *noted != 1 {
		t.Errorf("%d notes, want 1", *noted)
	}
}

func TestS12_OfAnyOtherProtocolEachByteCounts(t *testing.T) {
	conn, _, client, noted := takenOver(t, "", false)
	if *noted != 0 {
		t.Error("nothing was noted")
	}
	send(client, string(frame(0x9, 0, false)))
	if _, err := io.ReadFull(conn, make([]byte, 2)); err != nil || *noted != 1 {
		t.Error(*noted, err)
	}
}

// closing and copying are what a connection below may be able to do.
type closing struct{ net.Conn }

func (closing) CloseWrite() error { return io.ErrClosedPipe }

type copying struct{ net.Conn }

func (copying) ReadFrom(io.Reader) (int64, error) { return 42, nil }

type both struct {
	closing
	copying
	net.Conn
}

func TestS12_AConnectionKeepsItsAbilities(t *testing.T) {
	pipe, _ := net.Pipe()
	defer pipe.Close()
	for name, c := range map[string]struct {
		below          net.Conn
		closes, copies bool
	}{
		"neither": {pipe, false, false}, "closes": {closing{pipe}, true, false},
		"copies": {copying{pipe}, false, true}, "both": {both{Conn: pipe}, true, true},
	} {
		conn := hijacked(c.below, bufio.NewReader(strings.NewReader("")), new(counter), false)
		half, closes := conn.(closeWriter)
		kernel, copies := conn.(io.ReaderFrom)
		if closes != c.closes || copies != c.copies {
			t.Errorf("%s: closes %v, copies %v", name, closes, copies)
		}
		if closes && half.CloseWrite() != io.ErrClosedPipe {
			t.Errorf("%s: another half is closed", name)
		}
		if copies {
			if n, _ := kernel.ReadFrom(nil); n != 42 {
				t.Errorf("%s: another one copies", name)
			}
		}
	}
}
