//go:build unix

package tests

import (
	"strings"
	"testing"
)

func TestH8_TraceAndConnectAreNotServed(t *testing.T) {
	s := start(t, setup{})
	token := s.login(alice)
	for _, text := range []string{
		request("TRACE", "/", cookie(token)),
		request("TRACE", "/public"),
		request("CONNECT", "app.test:80", cookie(token)),
		request("CONNECT", "/", cookie(token), "Upgrade: websocket", "Connection: Upgrade"),
	} {
		a := s.raw(text)
		assertStatus(t, a, 405)
		if strings.Contains(a.String(), "alice") {
			t.Errorf("the answer tells the identity:\n%v", a)
		}
		s.app.untouched(t)
	}
}

func TestH8_OnlyAWebSocketIsAnUpgrade(t *testing.T) {
	s := start(t, setup{})
	token := s.login(alice)
	for _, lines := range [][]string{
		{"Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABkAAQAAP__"},
		{"Upgrade: foo/2", "Connection: Upgrade"},
		{"Upgrade: websocket, h2c", "Connection: Upgrade"},
		{"Upgrade: h2c", "Upgrade: websocket", "Connection: Upgrade"},
		{"upgrade: TLS/1.0", "connection: upgrade"},
	} {
		a := s.get("/", append(lines, cookie(token))...)
		assertStatus(t, a, 200)
		got := s.app.one(t)
		assertID(t, got, alice)
		for _, name := range []string{"Upgrade", "Connection", "HTTP2-Settings"} {
			assertEqual(t, name, got.value(name), "")
		}
	}
}
