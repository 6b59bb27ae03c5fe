package stream

import (
	"bufio"
	"io"
	"math"
	"net"
	"net/http"
	"strings"
	"time"
)

// Use is the use that a request makes of its session: what passes, in either
// direction, for as long as it does, and its end from outside. The zero value
// notes nothing, and is not ended.
type Use struct {
	Cut Cut

	activity Activity
	request  *http.Request // nil: nothing that passes is noted
	tunnel   bool          // its body is one direction of a WebSocket over HTTP/2 or HTTP/3
	body     bool          // the answer's body is noted
}

// Begin has activity told of what passes from here on, beginning with what the
// client sends. Of tunnels, the request must be a WebSocket's.
func (u *Use) Begin(activity Activity, r *http.Request) {
	u.activity, u.request = activity, r
	u.tunnel = r.Method == http.MethodConnect
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = WatchBody(r.Body, NewClient(activity, u.tunnel))
	}
}

// Answer says that the answer begins, and what it is. Its body is noted unless it is a stream of
// events, whose heartbeats a forgotten tab gets as well; so does the WebSocket
// of one.
func (u *Use) Answer(header http.Header) {
	u.Cut.answer(header)
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
func (u *Use) passed(n int64) {
	if u.body && n > 0 {
		u.activity.Note(time.Now())
	}
}

// Write sends a part of the answer.
func (u *Use) Write(w http.ResponseWriter, p []byte) (int, error) {
	if u.Cut.IsCut() {
		return 0, ErrCut
	}
	n, err := w.Write(p)
	u.passed(int64(n))
	return n, err
}

// Flush sends what is held back on the way.
func (u *Use) Flush(w http.ResponseWriter) error {
	if u.Cut.IsCut() {
		return ErrCut
	}
	return http.NewResponseController(w).Flush()
}

// kernelChunk is how much of a file the kernel sends before that is noted.
const kernelChunk = 256 << 10

// Copy sends what is in src, and notes it piece by piece. Where the kernel may
// send a file by itself, over HTTP/1, each piece has the form in which it knows
// one: the file and a limit.
func (u *Use) Copy(dst io.ReaderFrom, src io.Reader, plain io.Writer) (int64, error) {
	switch {
	case u.Cut.IsCut():
		return 0, ErrCut
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

// Hijacked returns a connection that a handler has taken over: what the client
// sends on it is noted, and the cut ends it. The answer's header is out already
// where begun says so; otherwise nobody knows where frames begin. When the
// connection is closed, onClose is called.
func (u *Use) Hijacked(below net.Conn, buffers *bufio.ReadWriter, begun bool, onClose func()) net.Conn {
	r := u.request
	if u.Cut.request != nil {
		r = u.Cut.request
	}
	if r == nil {
		return below
	}
	webSocket := strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
	c := &conn{Conn: below, onClose: onClose, webSocket: webSocket && begun}
	if u.request != nil {
		c.client = NewClient(u.activity, webSocket)
	}
	c.watch(buffers)
	if u.Cut.request != nil {
		c.cut = &u.Cut
		u.Cut.take(c)
	}
	return c.withAbilities()
}
