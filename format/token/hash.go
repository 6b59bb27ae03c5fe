package token

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"time"
)

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
