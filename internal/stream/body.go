package stream

import "io"

// body is the body of a request, watched.
type body struct {
	io.ReadCloser
	client *Client
}

// WatchBody returns a request's body whose reading is the client's activity.
func WatchBody(b io.ReadCloser, client *Client) io.ReadCloser { return &body{b, client} }

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.client.sent(p[:n])
	return n, err
}
