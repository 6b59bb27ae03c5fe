package token

import (
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// UnescapeJS undoes encodeURIComponent, which programs in JavaScript and Rust
// write cookies with: a plus is a plus.
func UnescapeJS(value string, _ time.Time) (string, error) {
	plain, err := url.PathUnescape(value)
	if err != nil || !printable(plain) {
		return "", ErrBad
	}
	return plain, nil
}

// UnescapePHP undoes what PHP and Rack write cookies with: a plus is a space.
func UnescapePHP(value string, _ time.Time) (string, error) {
	plain, err := url.QueryUnescape(value)
	if err != nil || !printable(plain) {
		return "", ErrBad
	}
	return plain, nil
}

// printable tells whether a text is one: a database fails over a NUL or bad
// UTF-8 in a text, and a cookie must not make a database fail.
func printable(text string) bool {
	return utf8.ValidString(text) && strings.IndexFunc(text, unicode.IsControl) < 0
}
