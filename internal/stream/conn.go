package stream

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"slices"
)

// conn is a connection that a handler has taken over, watched.
type conn struct {
	net.Conn
	client *Client
}

// Read implements io.Reader.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.client.sent(p[:n])
	return n, err
}

// closeWriter is a connection of which one half can be closed.
type closeWriter interface{ CloseWrite() error }

// WatchConn returns a connection whose reading is the client's activity, and has
// the reader of what came too early read on from it. That has been sent, too;
// it stays in the reader's buffer, where proxies look for it.
func WatchConn(below net.Conn, early *bufio.Reader, client *Client) net.Conn {
	c := &conn{below, client}
	buffered, _ := early.Peek(early.Buffered())
	client.sent(buffered)
	early.Reset(io.MultiReader(bytes.NewReader(slices.Clone(buffered)), c))
	_, _ = early.Peek(len(buffered))
	return c.withAbilities()
}

// withAbilities is the connection with whatever else the one below can do: a
// proxy asks for it, and does without where there is none.
func (c *conn) withAbilities() net.Conn {
	half, closes := c.Conn.(closeWriter)
	kernel, copies := c.Conn.(io.ReaderFrom)
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
