package stream

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"slices"
	"sync"
	"time"
)

// conn is a connection that a handler has taken over, watched.
type conn struct {
	net.Conn
	client *Client // nil: what it sends is not noted
	cut    *Cut    // nil: it is not cut

	// onClose is called when the handler closes it.
	onClose func()
	closed  sync.Once

	// Of a WebSocket, what goes to the client.
	webSocket bool
	out       sync.Mutex
	sent      Frames
}

// Read implements io.Reader.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.client.sent(p[:n])
	return n, err
}

// Write implements io.Writer. After a cut nothing more is sent.
func (c *conn) Write(p []byte) (int, error) {
	switch {
	case c.cut == nil:
		return c.Conn.Write(p)
	case c.cut.IsCut():
		return 0, ErrCut
	case !c.webSocket:
		return c.Conn.Write(p)
	}
	c.out.Lock()
	defer c.out.Unlock()
	if c.cut.IsCut() {
		return 0, ErrCut
	}
	n, err := c.Conn.Write(p)
	c.sent.HaveData(p[:n])
	return n, err
}

// Close implements io.Closer.
func (c *conn) Close() error {
	err := c.Conn.Close()
	if c.onClose != nil {
		c.closed.Do(c.onClose)
	}
	return err
}

// goodbye is a frame that closes a WebSocket: 1008, policy violation (RFC 6455,
// section 7.4.1).
var goodbye = append([]byte{0x88, 2 + byte(len(goodbyeReason)), 1008 >> 8, 1008 & 0xff}, goodbyeReason...)

const (
	goodbyeReason = "the session has ended"
	// goodbyePatience is how long a client may take who does not read just now.
	goodbyePatience = 250 * time.Millisecond
)

// sayGoodbye closes the connection. A WebSocket is told why, where a frame has
// just ended. It runs beside those who read and write.
func (c *conn) sayGoodbye() {
	if c.webSocket {
		_ = c.Conn.SetWriteDeadline(time.Now().Add(goodbyePatience)) // a write that hangs ends, too
		c.out.Lock()
		if c.sent.Between() {
			_, _ = c.Conn.Write(goodbye)
		}
		c.out.Unlock()
	}
	_ = c.Conn.Close()
}

// closeWriter is a connection of which one half can be closed.
type closeWriter interface{ CloseWrite() error }

// watch has the reader and the writer of a connection that was taken over go
// through it. What came too early has been sent, too; it stays in the reader's
// buffer, where proxies look for it.
func (c *conn) watch(buffers *bufio.ReadWriter) {
	early, _ := buffers.Reader.Peek(buffers.Reader.Buffered())
	c.client.sent(early)
	buffers.Reader.Reset(io.MultiReader(bytes.NewReader(slices.Clone(early)), c))
	_, _ = buffers.Reader.Peek(len(early))
	if buffers.Writer != nil && buffers.Writer.Buffered() == 0 {
		buffers.Writer.Reset(c)
	}
}

// withAbilities is the connection with whatever else the one below can do: a
// proxy asks for it, and does without where there is none. The kernel does not
// tell where frames end, so a WebSocket that may be cut is not copied by it.
func (c *conn) withAbilities() net.Conn {
	half, closes := c.Conn.(closeWriter)
	kernel, copies := c.Conn.(io.ReaderFrom)
	copies = copies && (c.cut == nil || !c.webSocket)
	switch {
	case closes && copies:
		return &struct {
			*conn
			closeWriter
			io.ReaderFrom
		}{c, half, kernel}
	case closes:
		return &struct {
			*conn
			closeWriter
		}{c, half}
	case copies:
		return &struct {
			*conn
			io.ReaderFrom
		}{c, kernel}
	}
	return c
}
