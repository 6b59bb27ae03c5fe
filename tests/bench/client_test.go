//go:build bench

package bench

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// client is a connection to a site. Go's own client would take more of the
// processor than what is measured.
type client struct {
	conn net.Conn
	in   *bufio.Reader
}

func dial(port int) (*client, error) {
	conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), 5*time.Second)
	if err != nil {
		return nil, err
	}
	return &client{conn, bufio.NewReader(conn)}, nil
}

// get asks for a page and returns the answer's status.
func (c *client) get(cookie string) (status int, err error) {
	if err := c.conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return 0, err
	}
	if _, err := fmt.Fprintf(c.conn, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: session=%s\r\n\r\n", cookie); err != nil {
		return 0, err
	}
	answer, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, err
}

func getOnce(port int, cookie string) (int, error) {
	c, err := dial(port)
	if err != nil {
		return 0, err
	}
	defer c.conn.Close()
	return c.get(cookie)
}

// answers is what many requests have got.
type answers struct {
	ok    int // with status 200
	took  time.Duration
	times []time.Duration // how long each took, the shortest first
}

// ask sends n requests, each with its cookie, over some connections as fast as
// they are answered.
func ask(t *testing.T, port, connections, n int, cookie func(i int) string) answers {
	t.Helper()
	a := answers{times: make([]time.Duration, n)}
	var next, ok atomic.Int64
	var clients sync.WaitGroup
	begun := time.Now()
	for range connections {
		clients.Go(func() {
			c, err := dial(port)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.conn.Close()
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				sent := time.Now()
				status, err := c.get(cookie(i))
				if err != nil {
					t.Error(err)
					return
				}
				a.times[i] = time.Since(sent)
				if status == http.StatusOK {
					ok.Add(1)
				}
			}
		})
	}
	clients.Wait()
	a.took, a.ok = time.Since(begun), int(ok.Load())
	slices.Sort(a.times)
	return a
}

// percentile returns the time that p of a hundred requests did not exceed.
func (a *answers) percentile(p int) time.Duration { return a.times[(len(a.times)-1)*p/100] }
