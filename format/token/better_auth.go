package token

import (
	"crypto/sha256"
	"encoding/base64"
)

// OpenBetterAuth checks a cookie of better-auth, unescaped with [UnescapeJS]:
// <token>.<signature>, with the padding of base64.
func OpenBetterAuth(secrets []string) (Opener, error) {
	return openDotted(secrets, nil, sha256.New, base64.StdEncoding.EncodeToString)
}
