package token

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"
)

// OpenExpress checks a cookie of express-session, unescaped with
// [UnescapeJS]: s:<id>.<signature>. An id without a signature is refused, as
// express-session does: the signature makes a leaked table useless.
func OpenExpress(secrets []string) (Opener, error) {
	open, err := OpenFastify(secrets)
	if err != nil {
		return nil, err
	}
	return func(value string, now time.Time) (string, error) {
		signed, ok := strings.CutPrefix(value, "s:")
		if !ok {
			return "", ErrBad
		}
		return open(signed, now)
	}, nil
}

// OpenFastify checks a cookie of @fastify/session, unescaped with
// [UnescapeJS]: as express-session's, without the prefix.
func OpenFastify(secrets []string) (Opener, error) {
	return openDotted(secrets, nil, sha256.New, base64.RawStdEncoding.EncodeToString)
}
