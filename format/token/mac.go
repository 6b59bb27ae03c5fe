package token

import (
	"crypto/hmac"
	"crypto/subtle"
	"hash"
	"strings"
)

// same compares in constant time.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// sum is the MAC of a message.
func sum(newHash func() hash.Hash, key []byte, message string) []byte {
	mac := hmac.New(newHash, key)
	mac.Write([]byte(message))
	return mac.Sum(nil)
}

// anyMAC tells whether signature is the MAC of message by one of the keys. It
// tries them all, so that the time does not tell which one.
func anyMAC(newHash func() hash.Hash, keys [][]byte, message, signature string, encode func([]byte) string) bool {
	match := false
	for _, key := range keys {
		if same(encode(sum(newHash, key, message)), signature) {
			match = true
		}
	}
	return match
}

// cutLast cuts a text at the last separator.
func cutLast(text, separator string) (before, after string, found bool) {
	i := strings.LastIndex(text, separator)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(separator):], true
}

// bytesOf makes keys of secrets that are used as they are written.
func bytesOf(secrets []string) [][]byte {
	keys := make([][]byte, len(secrets))
	for i, secret := range secrets {
		keys[i] = []byte(secret)
	}
	return keys
}
