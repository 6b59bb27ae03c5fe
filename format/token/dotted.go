package token

import (
	"hash"
	"strings"
	"time"
)

// openDotted checks what has its signature after its last dot.
func openDotted(secrets []string, derive func([]byte) []byte, newHash func() hash.Hash, encode func([]byte) string) (Opener, error) {
	if err := checkSecrets(secrets); err != nil {
		return nil, err
	}
	keys := bytesOf(secrets)
	if derive != nil {
		for i, secret := range keys {
			keys[i] = derive(secret)
		}
	}
	return func(value string, _ time.Time) (string, error) {
		token, signature, ok := cutLast(value, ".")
		if !ok || token == "" || !anyMAC(newHash, keys, token, signature, encode) {
			return "", ErrBad
		}
		return token, nil
	}, nil
}

// OpenUnsigned takes the signature off a cookie of [OpenExpress] (with the
// prefix s:) or [OpenBetterAuth] without looking at it. It unescapes as well.
func OpenUnsigned(prefix string) Opener {
	return func(value string, now time.Time) (string, error) {
		value, err := UnescapeJS(value, now)
		if err != nil {
			return "", err
		}
		value, ok := strings.CutPrefix(value, prefix)
		token, _, signed := cutLast(value, ".")
		if !ok || !signed {
			return "", ErrBad
		}
		return token, nil
	}
}
