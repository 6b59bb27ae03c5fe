package format

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
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
		return "", ErrBadToken
	}
	return plain, nil
}

// UnescapePHP undoes what PHP and Rack write cookies with: a plus is a space.
func UnescapePHP(value string, _ time.Time) (string, error) {
	plain, err := url.QueryUnescape(value)
	if err != nil || !printable(plain) {
		return "", ErrBadToken
	}
	return plain, nil
}

// printable tells whether a text is one: a database fails over a NUL or bad
// UTF-8 in a text, and a cookie must not make a database fail.
func printable(text string) bool {
	return utf8.ValidString(text) && strings.IndexFunc(text, unicode.IsControl) < 0
}

// OpenBase64 decodes base64 in the standard alphabet, with padding. The result
// is bytes: nothing that a column of text can be asked for unchecked.
func OpenBase64(value string, _ time.Time) (string, error) {
	raw, err := canonical(base64.StdEncoding, value)
	return string(raw), err
}

// OpenBase64URL decodes base64 in the alphabet for URLs, without padding.
func OpenBase64URL(value string, _ time.Time) (string, error) {
	raw, err := canonical(base64.RawURLEncoding, value)
	return string(raw), err
}

// OpenHex decodes hexadecimal digits in lower case.
func OpenHex(value string, _ time.Time) (string, error) {
	raw, err := hex.DecodeString(value)
	if err != nil || hex.EncodeToString(raw) != value {
		return "", ErrBadToken
	}
	return string(raw), nil
}

// canonical decodes base64 in its one spelling. The library would skip line
// breaks and ignore stray bits: many cookies would then be one.
func canonical(encoding *base64.Encoding, text string) ([]byte, error) {
	raw, err := encoding.DecodeString(text)
	if err != nil || encoding.EncodeToString(raw) != text {
		return nil, ErrBadToken
	}
	return raw, nil
}

// OpenHash hashes a cookie whose row is found by its hash. The algorithm is
// sha256 or sha512, the encoding hex, base64url (without padding) or raw. The
// suffix is a secret that some programs append before (Grafana, Nextcloud).
func OpenHash(algorithm, encoding, suffix string) (Opener, error) {
	sums := map[string]func([]byte) []byte{
		"sha256": func(b []byte) []byte { s := sha256.Sum256(b); return s[:] },
		"sha512": func(b []byte) []byte { s := sha512.Sum512(b); return s[:] },
	}
	encodings := map[string]func([]byte) string{
		"hex":       hex.EncodeToString,
		"base64url": base64.RawURLEncoding.EncodeToString,
		"raw":       func(b []byte) string { return string(b) },
	}
	sum, encode := sums[algorithm], encodings[encoding]
	if sum == nil || encode == nil {
		return nil, fmt.Errorf("there is no hash %q in %q; there are sha256 and sha512 in hex, base64url and raw", algorithm, encoding)
	}
	return func(value string, _ time.Time) (string, error) {
		return encode(sum([]byte(value + suffix))), nil
	}, nil
}

// OpenPrefix puts text before a value, as tables do that share a column:
// "session:" in Flask-Session, "ci_session:" in CodeIgniter.
func OpenPrefix(prefix string) Opener {
	return func(value string, _ time.Time) (string, error) { return prefix + value, nil }
}

// OpenActiveRecord makes the key of activerecord-session_store: "2::" and the
// hash of the cookie. A cookie that looks like such a key is refused, or a
// leaked key would do as a cookie (CVE-2019-16782).
func OpenActiveRecord(value string, _ time.Time) (string, error) {
	digits := strings.TrimLeft(value, "0123456789")
	if len(digits) < len(value) && strings.HasPrefix(digits, "::") {
		return "", ErrBadToken
	}
	sum := sha256.Sum256([]byte(value))
	return "2::" + hex.EncodeToString(sum[:]), nil
}

// OpenSpring decodes a cookie of Spring Session: base64 of the id, which ends
// with a dot and the JVM's route where one is configured.
func OpenSpring(jvmRoute string) Opener {
	return func(value string, now time.Time) (string, error) {
		id, err := OpenBase64(value, now)
		if err != nil || !printable(id) {
			return "", ErrBadToken
		}
		if jvmRoute != "" {
			id = strings.TrimSuffix(id, "."+jvmRoute)
		}
		return id, nil
	}
}
