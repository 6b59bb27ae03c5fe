package token

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
)

// Split cuts a cookie of two parts, id.secret, as Lucia's later pattern
// and most selector-verifier tables have it. The row is found by the id; the
// secret proves the cookie, see [ProvesSHA256] and [ProvesSHA256Base64].
func Split(cookie string) (id, secret string, err error) {
	id, secret, ok := strings.Cut(cookie, ".")
	if !ok || id == "" || secret == "" || strings.Contains(secret, ".") || len(cookie) > maxToken || len(id) > maxLookup {
		return "", "", ErrBad
	}
	return id, secret, nil
}

// ProvesSHA256 tells whether a column holds the SHA-256 of a secret's text.
func ProvesSHA256(secret string, column []byte) bool {
	hash := sha256.Sum256([]byte(secret))
	return subtle.ConstantTimeCompare(hash[:], column) == 1
}

// ProvesSHA256Base64 tells whether a column holds the SHA-256 of the bytes
// that a secret is the base64 of.
func ProvesSHA256Base64(secret string, column []byte) bool {
	raw, err := canonical(base64.StdEncoding, secret)
	return err == nil && ProvesSHA256(string(raw), column)
}
