//go:build unix

package tests

import (
	"net"
	"sync"
	"testing"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

func TestF1_SlowRequestsHoldNoConnection(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		const n = 1000
		s := start(t, setup{store: url + " {\n max_conns 2\n}", realm: "cache_ttl 0"})
		s.secretURL(url)
		token, other := s.login(alice), s.login(carol)
		// 1. A thousand requests are at the app, which takes its time.
		arrived, release := make(chan bool, n), make(chan bool)
		s.app.answers(func(c net.Conn, r *message) {
			arrived <- true
			<-release
			reply(200, "late")(c, r)
		})
		var answers sync.WaitGroup
		for range n {
			c := s.dial(t)
			answers.Go(func() {
				if a, err := c.exchange(request("GET", "/", cookie(token))); err != nil || a.status != 200 {
					t.Error(a, err)
				}
			})
		}
		for range n {
			<-arrived
		}
		// 2. Carol is served all the same, with a database that has two connections.
		s.app.answers(reply(200, "ok"))
		s.app.take()
		s.assertOK(s.get("/", cookie(other)), carol)
		close(release)
		answers.Wait()
	})
}
