package caddysession

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// maxHeaderName bounds the names of managed headers, so that folding one needs
// no memory beyond the stack.
const maxHeaderName = 64

// managedNames are the headers that a guard may set, by their folded names.
type managedNames struct {
	folded  map[string]string // folded name to the name as it was given
	lengths uint64            // bit n: some name has n+1 bytes, so most headers need no folding
}

// fold writes name as CGI, PHP, WSGI and others see it: upper case, and every
// byte but letters and digits as `_`. Names that fold alike are one header to them.
func fold(buf *[maxHeaderName]byte, name string) []byte {
	for i := range len(name) {
		c := name[i]
		switch {
		case 'a' <= c && c <= 'z':
			c -= 'a' - 'A'
		case 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		default:
			c = '_'
		}
		buf[i] = c
	}
	return buf[:len(name)]
}

// add manages one more name. It fails when another spelling of the name is
// managed already, since a backend could not tell the two apart.
func (m *managedNames) add(name string) error {
	if !httpguts.ValidHeaderFieldName(name) || len(name) > maxHeaderName {
		return fmt.Errorf("%q is no header name of 1 to %d characters", name, maxHeaderName)
	}
	if m.folded == nil {
		m.folded = make(map[string]string)
	}
	var buf [maxHeaderName]byte
	folded := string(fold(&buf, name))
	if other, ok := m.folded[folded]; ok && other != http.CanonicalHeaderKey(name) {
		return fmt.Errorf("the headers %q and %q are one name to many backends; keep one of them", other, name)
	}
	m.folded[folded] = http.CanonicalHeaderKey(name)
	m.lengths |= 1 << (len(name) - 1)
	return nil
}

// has reports whether name is managed in any spelling.
func (m *managedNames) has(name string) bool {
	n := len(name)
	if n == 0 || n > maxHeaderName || m.lengths&(1<<(n-1)) == 0 {
		return false
	}
	var buf [maxHeaderName]byte
	_, ok := m.folded[string(fold(&buf, name))]
	return ok
}

// strip removes what a client says under a managed name: headers, trailers,
// and entries of the Connection header, with which a client could have the
// proxy remove what the guard sets. Headers that guards before have stripped
// already, and may have set since, are left: those in except.
func (m *managedNames) strip(r *http.Request, except ...*managedNames) {
	m.remove(r.Header, except...)
	m.remove(r.Trailer)
	if connection, ok := r.Header["Connection"]; ok {
		m.stripConnection(r.Header, connection)
	}
	// Trailers that were not announced arrive with the end of the body.
	if r.Body != nil && r.Body != http.NoBody && (r.ContentLength < 0 || r.Trailer != nil) {
		r.Body = &trailerStripper{ReadCloser: r.Body, request: r, names: m}
	}
}

// remove deletes the managed names of h. It compares the keys by their fold
// instead of deleting by name: another module may have written a key that is
// not canonical.
func (m *managedNames) remove(h http.Header, except ...*managedNames) {
	for name := range h {
		if m.has(name) && !slices.ContainsFunc(except, func(other *managedNames) bool { return other.has(name) }) {
			delete(h, name)
		}
	}
}

func (m *managedNames) stripConnection(h http.Header, lines []string) {
	listed := false
	for _, line := range lines {
		for option := range strings.SplitSeq(line, ",") {
			listed = listed || m.has(strings.Trim(option, " \t"))
		}
	}
	if !listed {
		return
	}
	var kept []string
	for _, line := range lines {
		for option := range strings.SplitSeq(line, ",") {
			if option = strings.Trim(option, " \t"); option != "" && !m.has(option) {
				kept = append(kept, option)
			}
		}
	}
	delete(h, "Connection")
	if len(kept) > 0 {
		h["Connection"] = []string{strings.Join(kept, ", ")}
	}
}

// trailerStripper removes managed names from the trailers when the body ends,
// which is when net/http fills them in and before a proxy copies them.
type trailerStripper struct {
	io.ReadCloser
	request *http.Request
	names   *managedNames
}

func (t *trailerStripper) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	if err != nil {
		t.names.remove(t.request.Trailer)
	}
	return n, err
}

var errMethod = errors.New("this method cannot carry an identity")

// checkMethod refuses requests that cannot be passed on with an identity:
// TRACE answers with the headers that were set, CONNECT opens a tunnel (over
// HTTP/2 and HTTP/3 it may be a WebSocket).
func checkMethod(r *http.Request) error {
	switch {
	case r.Method == http.MethodTrace:
		return errMethod
	case r.Method == http.MethodConnect && !isExtendedWebSocket(r):
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

// dropUpgrade makes a request to change the protocol an ordinary one, unless
// it asks for a WebSocket: an h2c connection would be a tunnel past the guard.
func dropUpgrade(h http.Header) {
	values, ok := h["Upgrade"]
	if !ok || len(values) == 1 && strings.EqualFold(values[0], "websocket") {
		return
	}
	delete(h, "Upgrade")
	delete(h, "Http2-Settings")
}
