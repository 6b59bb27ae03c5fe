package headers

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// maxName bounds the names of managed headers, so that folding one needs
// no memory beyond the stack.
const maxName = 64

// Names are the headers that a guard may set, by their folded names.
type Names struct {
	folded  map[string]string // folded name to the name as it was given
	lengths uint64            // bit n: some name has n+1 bytes, so most headers need no folding
}

// fold writes name as CGI, PHP, WSGI and others see it: upper case, and every
// byte but letters and digits as `_`. Names that fold alike are one header to them.
func fold(buf *[maxName]byte, name string) []byte {
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

// NewNames manages these names, and those of [DefaultSet] in any case, since that is
// what nearly every app trusts.
func NewNames(names ...string) (*Names, error) {
	m := new(Names)
	for _, name := range slices.Concat(DefaultNames(), names) {
		if err := m.Add(name); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Add manages one more name. It fails when another spelling of the name is
// managed already, since a backend could not tell the two apart.
func (m *Names) Add(name string) error {
	if !httpguts.ValidHeaderFieldName(name) || len(name) > maxName {
		return fmt.Errorf("%q is no header name of 1 to %d characters", name, maxName)
	}
	if m.folded == nil {
		m.folded = make(map[string]string)
	}
	var buf [maxName]byte
	folded := string(fold(&buf, name))
	if other, ok := m.folded[folded]; ok && other != http.CanonicalHeaderKey(name) {
		return fmt.Errorf("the headers %q and %q are one name to many backends; keep one of them", other, name)
	}
	m.folded[folded] = http.CanonicalHeaderKey(name)
	m.lengths |= 1 << (len(name) - 1)
	return nil
}

// Has reports whether name is managed in any spelling.
func (m *Names) Has(name string) bool {
	n := len(name)
	if n == 0 || n > maxName || m.lengths&(1<<(n-1)) == 0 {
		return false
	}
	var buf [maxName]byte
	_, ok := m.folded[string(fold(&buf, name))]
	return ok
}

// Strip removes what a client says under a managed name: headers, trailers,
// and entries of the Connection header, with which a client could have the
// proxy remove what the guard sets. Headers that guards before have stripped
// already, and may have set since, are left: those in except.
func (m *Names) Strip(r *http.Request, except ...*Names) {
	m.Remove(r.Header, except...)
	m.Remove(r.Trailer)
	if connection, ok := r.Header["Connection"]; ok {
		m.stripConnection(r.Header, connection)
	}
	// Trailers that were not announced arrive with the end of the body.
	if r.Body != nil && r.Body != http.NoBody && (r.ContentLength < 0 || r.Trailer != nil) {
		r.Body = &trailerStripper{ReadCloser: r.Body, request: r, names: m}
	}
}

// Remove deletes the managed names of h. It compares the keys by their fold
// instead of deleting by name: another module may have written a key that is
// not canonical.
func (m *Names) Remove(h http.Header, except ...*Names) {
	for name := range h {
		if m.Has(name) && !slices.ContainsFunc(except, func(other *Names) bool { return other.Has(name) }) {
			delete(h, name)
		}
	}
}

// stripConnection keeps a client from naming as hop-by-hop what the guard sets: a
// proxy would drop it.
func (m *Names) stripConnection(h http.Header, lines []string) {
	isSet := func(option string) bool { return m.Has(option) || strings.EqualFold(option, "Cache-Control") }
	listed := false
	for _, line := range lines {
		for option := range strings.SplitSeq(line, ",") {
			listed = listed || isSet(strings.Trim(option, " \t"))
		}
	}
	if !listed {
		return
	}
	var kept []string
	for _, line := range lines {
		for option := range strings.SplitSeq(line, ",") {
			if option = strings.Trim(option, " \t"); option != "" && !isSet(option) {
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
	names   *Names
}

func (t *trailerStripper) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	if err != nil {
		t.names.Remove(t.request.Trailer)
	}
	return n, err
}

// FilterAnnounced takes managed names off the list of announced trailers, and
// Set-Cookie: net/http sends as trailers what is in the header at the end, and
// our own cookies are.
func FilterAnnounced(h http.Header, lines []string, managed *Names) {
	var kept []string
	for _, line := range lines {
		for name := range strings.SplitSeq(line, ",") {
			if name = strings.TrimSpace(name); !managed.Has(name) && !strings.EqualFold(name, "Set-Cookie") {
				kept = append(kept, name)
			}
		}
	}
	if h["Trailer"] = kept; len(kept) == 0 {
		delete(h, "Trailer")
	}
}
