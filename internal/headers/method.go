package headers

import (
	"errors"
	"net/http"
	"strings"
)

var errMethod = errors.New("this method cannot carry an identity")

// CheckMethod refuses requests that cannot be passed on with an identity:
// TRACE answers with the headers that were set, CONNECT opens a tunnel (over
// HTTP/2 and HTTP/3 it may be a WebSocket).
func CheckMethod(r *http.Request) error {
	switch {
	case strings.EqualFold(r.Method, http.MethodTrace), strings.EqualFold(r.Method, "TRACK"): // some servers fold the case
		return errMethod
	case strings.EqualFold(r.Method, http.MethodConnect) && !(r.Method == http.MethodConnect && isExtendedWebSocket(r)):
		return errMethod
	}
	return nil
}

// isExtendedWebSocket recognizes RFC 8441 and RFC 9220. The HTTP/3 server has
// the protocol in Proto, the HTTP/2 server in a pseudo header.
func isExtendedWebSocket(r *http.Request) bool {
	switch r.ProtoMajor {
	case 2:
		return r.Header.Get(":protocol") == "websocket"
	case 3:
		return r.Proto == "websocket"
	}
	return false
}

// DropUpgrade makes a request to change the protocol an ordinary one, unless
// it asks for a WebSocket: an h2c connection would be a tunnel past the guard.
func DropUpgrade(h http.Header) {
	values, ok := h["Upgrade"]
	if !ok || len(values) == 1 && strings.EqualFold(values[0], "websocket") {
		return
	}
	delete(h, "Upgrade")
	delete(h, "Http2-Settings")
}
