//go:build unix

package tests

import (
	"syscall"
	"testing"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

func TestF1_SlowRequestsHoldNoConnection(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := start(t, setup{store: url + " {\n max_conns 2\n}", realm: "cache_ttl 0"})
		s.secretURL(url)
		token, other := s.login(alice), s.login(carol)
		// 1. A thousand requests are at the app, which takes its time. Each is four
		// files here, and some systems allow only a few.
		var files syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
			t.Fatal(err)
		}
		letGo := s.keepWaiting(int(min(1000, files.Cur/8)), token)
		// 2. Carol is served all the same, with a database that has two connections.
		s.assertOK(s.get("/", cookie(other)), carol)
		for _, a := range letGo() {
			if a == nil || a.status != 200 {
				t.Fatalf("a slow request failed: %v", a)
			}
		}
	})
}
