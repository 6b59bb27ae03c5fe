package headers

import (
	"net/http"
	"testing"
)

func TestH8_WhichMethodsCarryAnIdentity(t *testing.T) {
	for _, c := range []struct {
		method string
		major  int
		proto  string
		header http.Header
		ok     bool
	}{
		{"GET", 1, "HTTP/1.1", nil, true},
		{"PURGE", 1, "HTTP/1.1", nil, true},
		{"TRACE", 1, "HTTP/1.1", nil, false},
		{"Trace", 1, "HTTP/1.1", nil, false},
		{"TRACK", 1, "HTTP/1.1", nil, false},
		{"track", 2, "HTTP/2.0", nil, false},
		{"CONNECT", 1, "HTTP/1.1", nil, false},
		{"CONNECT", 1, "HTTP/1.1", wire(":protocol", "websocket"), false},
		{"CONNECT", 2, "HTTP/2.0", nil, false},
		{"CONNECT", 2, "HTTP/2.0", wire(":protocol", "connect-udp"), false},
		{"CONNECT", 2, "HTTP/2.0", wire(":protocol", "websocket"), true},
		{"CONNECT", 3, "HTTP/3.0", wire(":protocol", "websocket"), false},
		{"CONNECT", 3, "connect-udp", nil, false},
		{"CONNECT", 3, "websocket", nil, true},
		{"CONNECT", 1, "websocket", nil, false},
	} {
		r := &http.Request{Method: c.method, ProtoMajor: c.major, Proto: c.proto, Header: c.header}
		if err := CheckMethod(r); (err == nil) != c.ok {
			t.Errorf("%s with %s, %v: %v", c.method, c.proto, c.header, err)
		}
	}
}

// wire is a header as a server writes it into the map.
func wire(name, value string) http.Header {
	h := http.Header{}
	h.Set(name, value)
	return h
}

func TestH8_WhichUpgradesAreLeft(t *testing.T) {
	for _, c := range []struct {
		values []string
		ok     bool
	}{
		{[]string{"websocket"}, true},
		{[]string{"WebSocket"}, true},
		{[]string{"h2c"}, false},
		{[]string{"websocket", "h2c"}, false},
		{[]string{"websocket, h2c"}, false},
		{[]string{""}, false},
	} {
		h := http.Header{"Upgrade": c.values, "Http2-Settings": {"AAMAAABkAARAAAAAAAIAAAAA"}, "Other": {"x"}}
		want := 1
		if c.ok {
			want = 3
		}
		if DropUpgrade(h); len(h) != want {
			t.Errorf("of %q are left %v", c.values, h)
		}
	}
	h := http.Header{"Http2-Settings": {"x"}} // without an upgrade it is a header like others
	if DropUpgrade(h); len(h) != 1 {
		t.Error(h)
	}
}
