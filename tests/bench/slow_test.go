//go:build bench

package bench

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

var slow = flag.Int("slow", 1000, "how many requests Slow keeps waiting")

// TestSlow keeps many requests waiting for their app, with two connections to
// the database, and asks for one more session.
func TestSlow(t *testing.T) {
	arrived, held := make(chan struct{}, *slow), make(chan struct{})
	app := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-held
	}))
	t.Cleanup(app.Close)
	r := &realm{name: "slow", url: storetest.Postgres(t), options: "cache_ttl 0"}
	r.open(t, func(s *store.Store) {
		r.token = alice(t, s, r.name)
		r.tokens = fillTokens(t, s, r, *slow)
	})
	r.url += " {\nmax_conns 2\n}"
	start(t, buildCaddy(t), "guard", config("off", []*realm{r},
		site(firstPort, "session slow\nreverse_proxy "+strings.TrimPrefix(app.URL, "http://"))+site(firstPort+1, "session slow\nrespond hello")))
	waitFor(t, firstPort+1, r.token)

	done := make(chan answers)
	go func() { done <- ask(t, firstPort, *slow, *slow, func(i int) string { return r.tokens[i] }) }()
	for range *slow {
		select {
		case <-arrived:
		case <-time.After(30 * time.Second):
			close(held)
			t.Fatal("not all requests have arrived at the app")
		}
	}
	one := ask(t, firstPort+1, 1, 1, func(int) string { return r.token })
	close(held)
	if all := <-done; one.ok != 1 || all.ok != *slow {
		t.Errorf("one of 1: %d; slow ones of %d: %d", one.ok, *slow, all.ok)
	}
	fmt.Printf("\n| requests that wait for the app | ms for another session |\n|---|---|\n| %d | %.2f |\n", *slow, milliseconds(one.took))
}
