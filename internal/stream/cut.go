package stream

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Keeps reports whether the word of the option streams leaves requests alone whose
// session has ended.
func Keeps(word string) (bool, error) {
	switch word {
	case "", "end":
		return false, nil
	case "keep":
		return true, nil
	}
	return false, fmt.Errorf("streams is end or keep, not %q", word)
}

// ErrCut is why a request's context ends, and what its writer answers, after it
// was cut.
var ErrCut = errors.New("the session of this request has ended")

// Cut ends a request under way from outside, whatever it is busy with. It is the
// request's context, too, and costs next to nothing until somebody waits for the
// end of that. The zero value cuts nothing.
type Cut struct {
	request *http.Request // nil: nothing is cut
	before  context.Context
	writer  http.ResponseWriter
	line    net.Conn // nil where it carries other requests at the same time

	cut   atomic.Bool
	inner atomic.Pointer[cancelable]

	mu     sync.Mutex // the end of the handler and the cut: whichever is first
	begun  bool       // the answer is on its way, or a handler has taken the connection
	doomed bool       // the session ended before that
	over   bool       // the handler has returned
	taken  *conn      // what a handler has taken over
}

// cancelable is a context that ends with the request's, and when it is told.
type cancelable struct {
	context.Context
	cancel context.CancelCauseFunc
}

// lineKey is where a request's context has its connection.
type lineKey struct{}

// WithLine is for a server's ConnContext: of its connections those of HTTP/1 are
// closed by a cut, whatever a handler is busy with.
func WithLine(ctx context.Context, line net.Conn) context.Context {
	if ctx.Value(lineKey{}) != nil {
		return ctx
	}
	return context.WithValue(ctx, lineKey{}, line)
}

// Begin makes c the context of a request that is answered through w. It must not be
// called twice.
func (c *Cut) Begin(w http.ResponseWriter, r *http.Request) {
	c.request, c.before, c.writer = r, r.Context(), w
	if r.ProtoMajor == 1 {
		c.line, _ = c.before.Value(lineKey{}).(net.Conn)
	}
	*r = *r.WithContext(c) // in place: others may hold it
}

// Restore gives the request its former context back.
func (c *Cut) Restore() {
	if c.request != nil {
		*c.request = *c.request.WithContext(c.before)
	}
}

// IsCut reports whether the request was cut: nothing more may be written.
func (c *Cut) IsCut() bool { return c.cut.Load() }

// answer notes that the answer begins, with this header. What has no end of its
// own does not begin after the session has ended.
func (c *Cut) answer(header http.Header) {
	if c.request == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.begun = true
	if c.doomed && (c.request.Method == http.MethodConnect || isEventStream(header["Content-Type"])) {
		c.end()
	}
}

// Over notes that the handler has returned, and reports whether that is the end
// of it: a connection that was taken over is closed later.
func (c *Cut) Over() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.taken != nil {
		return false
	}
	c.over = true
	return true
}

// End cuts the request. An answer that has not begun is let finish. It does not
// wait for anything.
func (c *Cut) End() {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.over || c.cut.Load():
	case !c.begun:
		c.doomed = true
	default:
		c.end()
	}
}

// take notes that a handler has taken over the connection.
func (c *Cut) take(taken *conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.taken, c.begun = taken, true
	if c.doomed {
		c.end()
	}
}

// end runs under the mutex: once the handler has returned, the connection may
// carry another request, and a writer of HTTP/2 is none any more.
func (c *Cut) end() {
	c.cut.Store(true)
	switch {
	case c.taken != nil:
		go func() { // the browser is told first, then the proxy, who would just hang up
			c.taken.sayGoodbye()
			c.cancelable().cancel(ErrCut)
		}()
		return
	case c.line != nil:
		_ = c.line.SetDeadline(past)
		go c.line.Close() // which may have to say goodbye to somebody who does not read
	default: // one stream among others
		below := http.NewResponseController(lowest(c.writer))
		_ = below.SetWriteDeadline(past)
		_ = below.SetReadDeadline(past)
	}
	c.cancelable().cancel(ErrCut)
}

// past is a deadline that is over. HTTP/2 resets a stream only for one before now.
var past = time.Unix(1, 0)

// lowest is the server's own writer. Those between may keep deadlines of their
// own, and are not made for being called from outside.
func lowest(w http.ResponseWriter) http.ResponseWriter {
	for {
		above, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return w
		}
		w = above.Unwrap()
	}
}

// cancelable is made when somebody waits for it, or it ends.
func (c *Cut) cancelable() *cancelable {
	if known := c.inner.Load(); known != nil {
		return known
	}
	ctx, cancel := context.WithCancelCause(c.before)
	if fresh := (&cancelable{ctx, cancel}); c.inner.CompareAndSwap(nil, fresh) {
		return fresh
	}
	cancel(nil) // another was faster
	return c.inner.Load()
}

// Deadline implements context.Context.
func (c *Cut) Deadline() (time.Time, bool) { return c.before.Deadline() }

// Done implements context.Context.
func (c *Cut) Done() <-chan struct{} { return c.cancelable().Done() }

// Err implements context.Context.
func (c *Cut) Err() error {
	if inner := c.inner.Load(); inner != nil {
		return inner.Err()
	}
	return c.before.Err()
}

// Value implements context.Context.
func (c *Cut) Value(key any) any {
	if inner := c.inner.Load(); inner != nil {
		return inner.Value(key)
	}
	return c.before.Value(key)
}
