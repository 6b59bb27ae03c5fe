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
)

var openStreams = flag.Int("streams", 8000, "how many event streams Streams opens; a Caddy needs two files for each")

// TestStreams opens many event streams, each of another session of the first database
// that is chosen, through a guard and without one, and reports what they take of
// Caddy's memory and time.
func TestStreams(t *testing.T) {
	app := streamingApp(t)
	r := &realm{name: "streams", url: fresh[chosen(t)[0]](t), options: quiet}
	r.open(t, func(s *store.Store) {
		r.tokens = fillTokens(t, s, r, *openStreams)
		r.token = alice(t, s, r.name)
	})
	caddy, proxy := buildCaddy(t), "reverse_proxy "+app
	fmt.Printf("\n| %d open event streams | bytes of Caddy's heap and stacks for each | %% of a core |\n|---|---|---|\n", *openStreams)
	for _, x := range []struct{ name, guard string }{
		{"four constant headers", four}, {"guard, `streams keep`", "session streams {\nstreams keep\n}\n"}, {"guard", "session streams\n"},
	} {
		t.Run(x.name, func(t *testing.T) {
			p := start(t, caddy, "guard", config(fmt.Sprintf("127.0.0.1:%d", adminPort), []*realm{r}, site(firstPort, x.guard+proxy)))
			waitFor(t, firstPort, r.token)
			empty := inUseBytes(t)
			for _, token := range r.tokens {
				openStream(t, token)
			}
			time.Sleep(2 * time.Second)
			bytes := (inUseBytes(t) - empty) / len(r.tokens)
			before, began := p.cpu(t), time.Now()
			time.Sleep(time.Duration(*seconds) * 5 * time.Second)
			fmt.Printf("| %s | %d | %.2f |\n", x.name, bytes, 100*(p.cpu(t)-before).Seconds()/time.Since(began).Seconds())
		})
	}
}

// streamingApp is an app with an event stream that does not end, and returns its address.
func streamingApp(t *testing.T) string {
	t.Helper()
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/events" {
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = w.Write([]byte(": hi\n\n"))
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}
	}))
	t.Cleanup(app.Close)
	return strings.TrimPrefix(app.URL, "http://")
}

// openStream opens one, until the end of the test.
func openStream(t *testing.T, token string) {
	t.Helper()
	c, err := dial(firstPort)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.conn.Close() })
	if _, err := fmt.Fprintf(c.conn, "GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: session=%s\r\n\r\n", token); err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 4096)
	for text := ""; !strings.HasSuffix(text, ": hi\n\n\r\n"); {
		n, err := c.conn.Read(buffer)
		if err != nil {
			t.Fatalf("after %q: %v", text, err)
		}
		text += string(buffer[:n])
	}
}
