//go:build unix

package tests

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

// The same over HTTP/2 and HTTP/3, where a WebSocket is the body of a CONNECT.
func TestS12_WhoWorksOverHTTP2And3(t *testing.T) {
	s, site, clients := startTLS(t, setup{site: passesSite(), realm: "idle_timeout " + passesIdle.String()})
	versions := map[string]string{"2": "HTTP/2.0", "3": "HTTP/3.0"}
	pieces := make(map[string]chan string)
	for version := range versions {
		for _, kind := range []string{"/download", "/events"} {
			pieces[kind+version] = make(chan string)
			contentTypes[kind+version] = contentTypes[kind]
			t.Cleanup(func() { close(pieces[kind+version]) })
		}
	}
	s.answersAsItGoes(pieces)
	var all []*passing
	begin := func(name string, works bool, open func(token string) func(*testing.T)) {
		response, _ := do(t, clients["HTTP/1.1"], newRequest(t, "GET", site+identity{user: strings.ReplaceAll(name, " ", "-")}.becoming(), nil))
		p := &passing{name: name, works: works, token: response.Cookies()[0].Value}
		p.step = open(p.token)
		all = append(all, p)
	}
	for version, long := range versions {
		download := func(path, piece string) func(string) func(*testing.T) {
			return func(token string) func(*testing.T) {
				return downloadBy(t, clients[long], site, path, piece, token, pieces[path])
			}
		}
		begin("a download over "+version, true, download("/download"+version, "{}\n"))
		begin("an event stream over "+version, false, download("/events"+version, ": heartbeat\n\n"))
		begin("an upload over "+version, true, func(token string) func(*testing.T) {
			return uploadBy(t, clients[long], site, token)
		})
	}
	connection := http3Connection(t, s.address, clients["HTTP/3.0"])
	begin("a WebSocket over 3", true, func(token string) func(*testing.T) {
		return webSocketBy(t, connection, site, token, wsFrame(opText, "hi"))
	})
	begin("pings over 3", false, func(token string) func(*testing.T) {
		return webSocketBy(t, connection, site, token, wsFrame(opPing, "hi"))
	})
	end := time.Now().Add(passesIdle + 100*time.Millisecond)
	for time.Now().Before(end) {
		for _, p := range all {
			p.step(t)
		}
		waitUntil(time.Now().Add(20 * time.Millisecond))
	}
	for _, p := range all {
		want := 401
		if p.works {
			want = 200
		}
		response, _ := do(t, clients["HTTP/1.1"], newRequest(t, "GET", site+"/", nil, "Cookie", cookieName+"="+p.token))
		if response.StatusCode != want {
			t.Errorf("%s: status %d, want %d", p.name, response.StatusCode, want)
		}
	}
	s.app.dropConns() // see webSocketBy
}

func downloadBy(t *testing.T, c *http.Client, site, path, piece, token string, next chan<- string) func(*testing.T) {
	t.Helper()
	response, err := c.Do(newRequest(t, "GET", site+path, nil, "Cookie", cookieName+"="+token))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	assertEqual(t, "status", response.StatusCode, 200)
	return func(t *testing.T) {
		hand(t, next, piece)
		assertRead(t, response.Body, piece)
	}
}

func uploadBy(t *testing.T, c *http.Client, site, token string) func(*testing.T) {
	t.Helper()
	r, w := io.Pipe()
	request := newRequest(t, "POST", site+"/upload", r, "Cookie", cookieName+"="+token)
	go func() {
		if response, err := c.Do(request); err == nil {
			response.Body.Close()
		}
	}()
	t.Cleanup(func() { w.Close() })
	return func(t *testing.T) {
		if _, err := w.Write([]byte("bytes")); err != nil {
			t.Fatal(err)
		}
	}
}

// http3Connection is one that requests of other kinds can be made on.
func http3Connection(t *testing.T, address string, c *http.Client) *http3.ClientConn {
	t.Helper()
	transport := c.Transport.(*http3.Transport)
	config := transport.TLSClientConfig.Clone()
	config.NextProtos = []string{http3.NextProtoH3}
	config.ServerName = "127.0.0.1"
	conn, err := quic.DialAddr(t.Context(), address, config, &quic.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseWithError(0, "") })
	return transport.NewClientConn(conn)
}

// webSocketBy opens a WebSocket as RFC 9220 says. A step sends a frame and
// awaits its echo.
func webSocketBy(t *testing.T, c *http3.ClientConn, site, token, frame string) func(*testing.T) {
	t.Helper()
	str, err := c.OpenRequestStream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := newRequest(t, "CONNECT", site+"/", nil, "Cookie", cookieName+"="+token, "Sec-WebSocket-Version", "13")
	r.Proto = "websocket"
	if err := str.SetDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := str.SendRequestHeader(r); err != nil {
		t.Fatal(err)
	}
	response, err := str.ReadResponse()
	if err != nil {
		t.Fatal(err)
	}
	assertEqual(t, "status", response.StatusCode, 200)
	// Caddy 2.11.9 says goodbye to WebSockets that are open when it stops, beside who
	// writes to them just then, which is a race of its own: when the app has hung up,
	// the end is awaited.
	t.Cleanup(func() { _, _ = io.Copy(io.Discard, response.Body) })
	return func(t *testing.T) {
		if _, err := str.Write([]byte(frame)); err != nil {
			t.Fatal(err)
		}
		assertRead(t, response.Body, frame)
	}
}

func assertRead(t *testing.T, r io.Reader, text string) {
	t.Helper()
	got := make([]byte, len(text))
	if _, err := io.ReadFull(r, got); err != nil || string(got) != text {
		t.Fatalf("got %q, want %q: %v", got, text, err)
	}
}
