//go:build unix

package tests

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"golang.org/x/net/http2"
)

// Go's HTTP/2 server serves WebSockets only where the environment says so as the
// program starts.
func TestS12_AWebSocketOverHTTP2(t *testing.T) {
	t.Setenv("GODEBUG", "http2xconnect=1")
	p := startProcess(t, setup{
		global: "servers {\n protocols h1 h2c\n}", site: passesSite(), realm: "idle_timeout " + passesIdle.String(),
	})
	p.answersAsItGoes(nil)
	//lint:ignore SA1019 net/http's transport refuses the header that stands for the pseudo header
	client := &http.Client{Transport: &http2.Transport{AllowHTTP: true, DialTLSContext: func(_ context.Context, _, _ string, _ *tls.Config) (net.Conn, error) {
		conn, err := net.Dial(p.network, p.address)
		if err == nil {
			err = conn.SetDeadline(time.Now().Add(2 * time.Minute))
		}
		return conn, err
	}}}
	t.Cleanup(client.CloseIdleConnections)
	open := func(token, frame string) func() {
		r, w := io.Pipe()
		t.Cleanup(func() { w.Close() })
		response, err := client.Do(newRequest(t, "CONNECT", "http://app.test/", r, ":protocol", "websocket", "Sec-WebSocket-Version", "13", "Cookie", cookieName+"="+token))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { response.Body.Close() })
		assertEqual(t, "status", response.StatusCode, 200)
		return func() {
			if _, err := w.Write([]byte(frame)); err != nil {
				t.Fatal(err)
			}
			assertRead(t, response.Body, frame)
		}
	}
	works, forgotten := p.become(alice), p.become(carol)
	talk, ping := open(works, wsFrame(opText, "hi")), open(forgotten, wsFrame(opPing, "hi"))
	for end := time.Now().Add(passesIdle + 100*time.Millisecond); time.Now().Before(end); waitUntil(time.Now().Add(20 * time.Millisecond)) {
		talk()
		ping()
	}
	assertStatus(t, p.get("/", cookie(works)), 200)
	assertStatus(t, p.get("/", cookie(forgotten)), 401)
}
