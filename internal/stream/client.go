package stream

import "time"

// Activity is told that somebody is there. It may be called by several
// goroutines at once, for each piece of what passes, and decides what to make
// of it.
type Activity interface {
	Note(now time.Time)
}

// Client is what the client of one request sends. It belongs to whoever reads,
// one at a time.
type Client struct {
	activity  Activity
	webSocket bool
	frames    Frames
}

// NewClient returns a client whose activity is told. Of one that speaks
// WebSocket the frames with data count, of any other each byte.
func NewClient(activity Activity, webSocket bool) *Client {
	return &Client{activity: activity, webSocket: webSocket}
}

// sent looks at what the client has sent next. Nobody is told of no client.
func (c *Client) sent(p []byte) {
	if c != nil && len(p) > 0 && (!c.webSocket || c.frames.HaveData(p)) {
		c.activity.Note(time.Now())
	}
}
