package caddysession

import (
	"bufio"
	"io"
	"math"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
	"github.com/seed-11312c3d/caddy-session/internal/stream"
)

// use is the use that a request makes of its session: the request itself, and
// then what passes, in either direction, for as long as it does.
type use struct {
	activity lookup.Activity
	request  *http.Request // nil: nothing that passes is noted
	tunnel   bool          // its body is one direction of a WebSocket over HTTP/2 or HTTP/3
	body     bool          // the answer's body is noted
}

// begin notes that a session is used. From here on what the client sends is
// noted, too.
func (u *use) begin(realm *Realm, r *http.Request, session *lookup.Session, token format.Lookup, now time.Time) {
	if !u.activity.Begin(realm.run, session, token, now) {
		return
	}
	u.request = r
	u.tunnel = r.Method == http.MethodConnect // headers.CheckMethod lets no other tunnel pass
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = stream.WatchBody(r.Body, stream.NewClient(&u.activity, u.tunnel))
	}
}

// answer says what the answer is. Its body is noted unless it is a stream of
// events, whose heartbeats a forgotten tab gets as well; so does the WebSocket
// of one.
func (u *use) answer(header http.Header) {
	u.body = u.request != nil && !u.tunnel && !isEventStream(header["Content-Type"])
}

func isEventStream(contentType []string) bool {
	for _, line := range contentType {
		kind, _, _ := strings.Cut(line, ";")
		if strings.EqualFold(strings.TrimSpace(kind), "text/event-stream") {
			return true
		}
	}
	return false
}

// passed notes that a part of the answer has reached the client, or the kernel.
func (u *use) passed(n int64) {
	if u.body && n > 0 {
		u.activity.Note(time.Now())
	}
}

// kernelChunk is how much of a file the kernel sends before that is noted.
const kernelChunk = 256 << 10

// copy sends what is in src, and notes it piece by piece. Where the kernel may
// send a file by itself, over HTTP/1, each piece has the form in which it knows
// one: the file and a limit.
func (u *use) copy(dst io.ReaderFrom, src io.Reader, plain io.Writer) (int64, error) {
	switch {
	case !u.body:
		return dst.ReadFrom(src)
	case u.request.ProtoMajor > 1:
		return io.Copy(struct{ io.Writer }{plain}, src)
	}
	whole, ok := src.(*io.LimitedReader)
	if !ok {
		whole = &io.LimitedReader{R: src, N: math.MaxInt64}
	}
	var total int64
	for {
		piece := io.LimitedReader{R: whole.R, N: min(whole.N, kernelChunk)}
		limit := piece.N
		n, err := dst.ReadFrom(&piece)
		u.passed(n)
		total += n
		whole.N -= limit - piece.N
		if err != nil || piece.N > 0 || whole.N <= 0 {
			return total, err
		}
	}
}

// hijacked is a connection that a handler has taken over: what the client sends
// on it is noted.
func (u *use) hijacked(conn net.Conn, early *bufio.Reader) net.Conn {
	if u.request == nil {
		return conn
	}
	webSocket := strings.EqualFold(u.request.Header.Get("Upgrade"), "websocket")
	return stream.WatchConn(conn, early, stream.NewClient(&u.activity, webSocket))
}
