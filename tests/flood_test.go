//go:build unix

package tests

import (
	"fmt"
	"runtime"
	"testing"
)

func TestC7_AFloodOfForgedTokensCostsNothing(t *testing.T) {
	s := start(t, setup{})
	token := s.login(alice)
	repair := breakQueries(t, s.database())
	defer repair()
	c := s.dial(t)
	flood := func(n int) {
		for i := range n {
			text := []byte(token)
			copy(text[8:], fmt.Sprintf("%010d", i))
			a, err := c.exchange(request("GET", "/", cookie(string(text))))
			if err != nil {
				t.Fatal(err)
			}
			// A query would have been answered with 503.
			if a.status != 401 {
				t.Fatalf("status %d, want 401", a.status)
			}
		}
	}
	flood(500)
	s.log.Reset()
	before := liveHeap()
	const n = 5000
	flood(n)
	s.log.Reset()
	if grown := int64(liveHeap()) - int64(before); grown > n*100 {
		t.Errorf("%d forged tokens left %d bytes of memory", n, grown)
	}
	s.app.untouched(t)
}

func liveHeap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
