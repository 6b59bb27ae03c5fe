package format

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
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
			return "", ErrBadToken
		}
		return open(signed, now)
	}, nil
}

// OpenFastify checks a cookie of @fastify/session, unescaped with
// [UnescapeJS]: as express-session's, without the prefix.
func OpenFastify(secrets []string) (Opener, error) {
	return openDotted(secrets, nil, sha256.New, base64.RawStdEncoding.EncodeToString)
}

// OpenBetterAuth checks a cookie of better-auth, unescaped with [UnescapeJS]:
// <token>.<signature>, with the padding of base64.
func OpenBetterAuth(secrets []string) (Opener, error) {
	return openDotted(secrets, nil, sha256.New, base64.StdEncoding.EncodeToString)
}

// OpenItsDangerous checks a value of itsdangerous' Signer, which Flask-Session
// uses with the salt "flask-session" where SESSION_USE_SIGNER is set.
func OpenItsDangerous(secrets []string, salt string) (Opener, error) {
	derive := func(secret []byte) []byte {
		mac := hmac.New(sha1.New, secret)
		mac.Write([]byte(salt))
		return mac.Sum(nil)
	}
	return openDotted(secrets, derive, sha1.New, base64.RawURLEncoding.EncodeToString)
}

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
			return "", ErrBadToken
		}
		return token, nil
	}, nil
}
