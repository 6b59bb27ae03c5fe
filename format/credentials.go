package format

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// credential is a pattern of cookie names: what stands before and after the
// one `*` that it may have.
type credential struct {
	head, tail string // folded
	open       bool   // anything may stand between the two
}

// IsCredential reports whether a cookie of that name is a key of the program's
// besides the session's own cookie: whoever has it can become its user, so no
// app may see it, or set it.
func (f *Foreign) IsCredential(name string) bool {
	if len(f.credentials) == 0 {
		return false
	}
	// Some programs decode a cookie's name before they compare it.
	if strings.IndexByte(name, '%') >= 0 {
		if decoded, err := url.PathUnescape(name); err == nil {
			name = decoded
		}
	}
	name = withoutPrefix(strings.TrimFunc(name, notPrintable))
	for _, c := range f.credentials {
		if c.matches(name) {
			return true
		}
	}
	return false
}

func (c credential) matches(name string) bool {
	if !c.open {
		return len(name) == len(c.head) && foldedIs(name, c.head)
	}
	return len(name) >= len(c.head)+len(c.tail) &&
		foldedIs(name[:len(c.head)], c.head) && foldedIs(name[len(name)-len(c.tail):], c.tail)
}

// parseCredential reads a pattern. One that leaves nothing but `*` would take
// every cookie away.
func parseCredential(text string) (credential, error) {
	head, tail, open := strings.Cut(withoutPrefix(text), "*")
	switch {
	case head+tail == "":
		return credential{}, errors.New("a pattern must name something besides `*`")
	case strings.Contains(tail, "*"):
		return credential{}, fmt.Errorf("%q has more than one `*`", text)
	case strings.ContainsFunc(head+tail, func(r rune) bool { return notPrintable(r) || strings.ContainsRune(` ;=,"%`, r) }):
		return credential{}, fmt.Errorf("%q is no name of a cookie", text)
	}
	return credential{folded(head), folded(tail), open}, nil
}

func (f *Foreign) buildCredentials() error {
	for _, text := range f.o.Credentials {
		c, err := parseCredential(text)
		if err != nil {
			return fmt.Errorf("credentials: %w", err)
		}
		f.credentials = append(f.credentials, c)
	}
	return nil
}

// withoutPrefix: programs set the same cookie with a prefix over https and
// without one over http.
func withoutPrefix(name string) string {
	for _, prefix := range [...]string{"__secure-", "__host-"} {
		if len(name) >= len(prefix) && foldedIs(name[:len(prefix)], prefix) {
			return name[len(prefix):]
		}
	}
	return name
}

// fold makes one of the bytes that some reader takes for the same: case, and
// what PHP writes as `_` in the names of its variables.
func fold(b byte) byte {
	switch {
	case 'A' <= b && b <= 'Z':
		return b + 'a' - 'A'
	case b == '.' || b == ' ' || b == '[':
		return '_'
	}
	return b
}

func folded(text string) string {
	out := []byte(text)
	for i, b := range out {
		out[i] = fold(b)
	}
	return string(out)
}

// foldedIs compares a text of the same length with a folded one.
func foldedIs(text, want string) bool {
	for i := range len(want) {
		if fold(text[i]) != want[i] {
			return false
		}
	}
	return true
}

func notPrintable(r rune) bool { return r <= ' ' || r >= 0x7f }
