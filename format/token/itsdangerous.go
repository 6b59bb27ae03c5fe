package token

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
)

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
