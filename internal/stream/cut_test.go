package stream

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// cutting is a request that may be cut, and its answer.
func cutting() (*Use, *http.Request) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r = r.WithContext(context.WithValue(r.Context(), key("name"), "value"))
	u := new(Use)
	u.Cut.Begin(httptest.NewRecorder(), r)
	return u, r
}

type key string

func TestS2_ACutEndsWhateverWaitsForTheRequest(t *testing.T) {
	u, r := cutting()
	before, cancel := context.WithCancelCause(r.Context()) // before anybody has waited
	defer cancel(nil)
	u.Answer(http.Header{})
	noticed := make(chan bool, 1)
	context.AfterFunc(r.Context(), func() { noticed <- true })
	if r.Context().Err() != nil || before.Err() != nil || r.Context().Value(key("name")) != "value" {
		t.Error("it has ended before it was cut, or lost what it knew")
	}
	u.Cut.End()
	u.Cut.End()
	<-r.Context().Done()
	<-before.Done()
	<-noticed
	if err := r.Context().Err(); !errors.Is(err, context.Canceled) || context.Cause(before) != ErrCut || r.Context().Value(key("name")) != "value" {
		t.Errorf("%v, cause %v", err, context.Cause(before))
	}
	// Nothing more is written.
	w := httptest.NewRecorder()
	_, err := u.Write(w, []byte("x"))
	_, copyErr := u.Copy(copying{}, strings.NewReader("x"), w)
	if err != ErrCut || copyErr != ErrCut || u.Flush(w) != ErrCut || w.Body.Len() > 0 {
		t.Error(err, copyErr, w.Body)
	}
}

func TestS2_TheEndOfTheRequestItselfIsStillFelt(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	ctx, cancel := context.WithCancel(t.Context())
	r = r.WithContext(ctx)
	var c Cut
	c.Begin(httptest.NewRecorder(), r)
	if c.Err() != nil {
		t.Error(c.Err())
	}
	done := c.Done()
	cancel()
	<-done
	if c.Err() != context.Canceled {
		t.Error(c.Err())
	}
}

// An error's route may lead to another upstream: what was to be cut is no more.
func TestS2_ARestoredRequestIsNotCut(t *testing.T) {
	u, r := cutting()
	u.Answer(http.Header{})
	u.Cut.Restore()
	u.Cut.End()
	if r.Context().Err() != nil || r.Context().Value(key("name")) != "value" {
		t.Error(r.Context().Err())
	}
}

func TestS2_WhatIsOverIsNotCut(t *testing.T) {
	u, r := cutting()
	u.Answer(http.Header{})
	if !u.Cut.Over() {
		t.Error("nobody has taken the connection over")
	}
	u.Cut.End()
	if u.Cut.IsCut() || r.Context().Err() != nil {
		t.Error("it was cut")
	}
}

func TestS3_WhatHasNotBegunIsLetFinishUnlessItHasNoEnd(t *testing.T) {
	for kind, cut := range map[string]bool{"text/html": false, "text/event-stream; charset=utf-8": true} {
		u, r := cutting()
		u.Cut.End()
		if u.Cut.IsCut() || r.Context().Err() != nil {
			t.Error(kind, "was cut before it began")
		}
		u.Answer(http.Header{"Content-Type": {kind}})
		if u.Cut.IsCut() != cut {
			t.Error(kind, !cut)
		}
		if !cut {
			if u.Cut.End(); !u.Cut.IsCut() {
				t.Error(kind, "was not cut after it had begun")
			}
		}
	}
}

// line is a connection that notes its end.
type line struct {
	net.Conn
	mu       sync.Mutex
	deadline time.Time
	closed   chan bool
}

func (l *line) SetDeadline(d time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deadline = d
	return nil
}
func (l *line) Close() error { l.closed <- true; return nil }

func TestS2_TheConnectionOfHTTP1IsClosedAndNoOther(t *testing.T) {
	for version, closes := range map[int]bool{1: true, 2: false, 3: false} {
		l := &line{closed: make(chan bool, 1)}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.ProtoMajor = version
		ctx := WithLine(r.Context(), l)
		if WithLine(ctx, &line{}) != ctx {
			t.Error("another connection took its place")
		}
		r = r.WithContext(ctx)
		w := &deadlines{ResponseWriter: httptest.NewRecorder()}
		u := new(Use)
		u.Cut.Begin(outer{w}, r)
		u.Answer(http.Header{})
		u.Cut.End()
		if closes {
			<-l.closed
		}
		if l.deadline.IsZero() == closes || (w.read == past && w.write == past) == closes {
			t.Errorf("HTTP/%d: %v, deadlines of the stream %v %v", version, l.deadline, w.read, w.write)
		}
	}
}

// outer is a writer in between with a deadline of its own.
type outer struct{ http.ResponseWriter }

func (o outer) Unwrap() http.ResponseWriter { return o.ResponseWriter }
func (o outer) SetWriteDeadline(time.Time) error {
	panic("it is not made for being called from outside")
}

// deadlines is a server's own writer.
type deadlines struct {
	http.ResponseWriter
	read, write time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error  { d.read = t; return nil }
func (d *deadlines) SetWriteDeadline(t time.Time) error { d.write = t; return nil }

// taken is a WebSocket after a handler took it over, and the client's end of it.
func taken(t *testing.T, begun bool) (u *Use, server net.Conn, client *bufio.Reader, closed *int) {
	t.Helper()
	below, far := net.Pipe()
	t.Cleanup(func() { below.Close(); far.Close() })
	_ = far.SetDeadline(time.Now().Add(time.Minute))
	u, r := cutting()
	r.Header.Set("Upgrade", "websocket")
	closed = new(int)
	server = u.Hijacked(below, bufio.NewReadWriter(bufio.NewReader(below), bufio.NewWriter(below)), begun, func() { *closed++ })
	return u, server, bufio.NewReader(far), closed
}

func TestS2_AWebSocketIsToldWhereAFrameEnds(t *testing.T) {
	whole, half := string(frame(opText, 300, false)), string(frame(opText, 300, false)[:77])
	for _, c := range []struct {
		sent  []string
		begun bool
		told  bool
	}{
		{nil, true, true},
		{[]string{whole}, true, true},
		{[]string{whole[:1], whole[1:]}, true, true},
		{[]string{whole + half}, true, false},
		{[]string{whole, whole[:1]}, true, false},
		{[]string{whole}, false, false}, // its header may be in it
	} {
		u, server, client, _ := taken(t, c.begun)
		go func() {
			for _, text := range c.sent {
				_, _ = io.WriteString(server, text)
			}
			u.Cut.End()
		}()
		got, err := io.ReadAll(client)
		want := strings.Join(c.sent, "")
		if c.told {
			want += string(goodbye)
		}
		if err != nil || string(got) != want {
			t.Errorf("%q, begun %v: got %q, %v", c.sent, c.begun, got, err)
		}
		if _, err := io.WriteString(server, whole); err != ErrCut {
			t.Error("it goes on:", err)
		}
		<-u.Cut.Done()
	}
}

const opText = 0x1

// Who does not read must not keep others from being cut.
func TestS2_ACutWaitsForNobody(t *testing.T) {
	u, server, _, _ := taken(t, true)
	written := make(chan error)
	go func() {
		_, err := server.Write(frame(opText, 1<<16, false))
		written <- err
	}()
	u.Cut.End()
	if err := <-written; err == nil {
		t.Error("somebody has read it")
	}
	<-u.Cut.Done()
}

func TestS2_WhatWasTakenOverEndsWhenItIsClosed(t *testing.T) {
	u, server, _, closed := taken(t, true)
	if u.Cut.Over() {
		t.Error("it is over while it is open")
	}
	server.Close()
	server.Close()
	if *closed != 1 {
		t.Errorf("told %d times", *closed)
	}
}

func TestS2_AWebSocketDoesNotBeginAfterItsSession(t *testing.T) {
	below, far := net.Pipe()
	defer far.Close()
	u, r := cutting()
	r.Header.Set("Upgrade", "websocket")
	u.Cut.End()
	u.Hijacked(below, bufio.NewReadWriter(bufio.NewReader(below), bufio.NewWriter(below)), true, nil)
	if got, err := io.ReadAll(far); err != nil || string(got) != string(goodbye) {
		t.Errorf("%q %v", got, err)
	}
}

// Of the end of the handler and the cut one is first; both at once harm nobody.
func TestS2_TheCutAndTheEndAtOnce(t *testing.T) {
	for range 200 {
		u, r := cutting()
		u.Answer(http.Header{})
		var both sync.WaitGroup
		both.Go(u.Cut.End)
		both.Go(func() { u.Cut.Over() })
		both.Go(func() { _, _ = u.Write(httptest.NewRecorder(), nil) })
		both.Go(func() { _ = r.Context().Err() })
		both.Wait()
		if (r.Context().Err() != nil) != u.Cut.IsCut() {
			t.Fatal("the context knows nothing of the cut")
		}
	}
}

func TestStreams_TheWordOfTheOption(t *testing.T) {
	for word, want := range map[string]bool{"": false, "end": false, "keep": true} {
		if keeps, err := Keeps(word); err != nil || keeps != want {
			t.Error(word, keeps, err)
		}
	}
	if _, err := Keeps("kept"); err == nil || !strings.Contains(err.Error(), "end or keep") {
		t.Error(err)
	}
}
