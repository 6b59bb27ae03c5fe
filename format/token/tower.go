package token

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"time"
)

// towerKeySize is that of cookie-rs' Key: one half signs, the other encrypts.
const towerKeySize = 64

// ParseTowerKeys reads secrets as keys of cookie-rs: the 64 bytes after hex:,
// base64: or from:, or a text of at least 32 that a key is derived from.
func ParseTowerKeys(secrets []string) ([][]byte, error) {
	return eachSecret(secrets, parseTowerKey)
}

func parseTowerKey(secret string) ([]byte, error) {
	text, whole := strings.CutPrefix(secret, "from:")
	key, err := keyOf(text)
	switch {
	case err != nil:
		return nil, err
	case whole && len(key) > towerKeySize:
		return key[:towerKeySize], nil // as Key::from does
	case !whole && text == string(key):
		return deriveTowerKey(key)
	}
	return key, nil
}

// deriveTowerKey makes a key of a secret as cookie-rs' Key::derive_from does.
func deriveTowerKey(master []byte) ([]byte, error) {
	if len(master) < 32 {
		return nil, errors.New("the secret has less than 32 bytes")
	}
	return hkdf.Expand(sha256.New, master, "COOKIE;SIGNED:HMAC-SHA256;PRIVATE:AEAD-AES-256-GCM", towerKeySize)
}

// OpenTowerID checks the id of a session of tower-sessions: 22 characters that
// are base64 of 16 bytes. It returns them as they are: the column is text.
func OpenTowerID(value string, _ time.Time) (string, error) {
	raw, err := canonical(base64.RawURLEncoding, value)
	if err != nil || len(raw) != 16 {
		return "", ErrBad
	}
	return value, nil
}

// OpenTowerSigned checks a cookie that was signed by tower-cookies, unescaped
// with [UnescapeJS]: the signature comes first. The keys have 64 bytes each.
func OpenTowerSigned(keys [][]byte) (Opener, error) {
	if err := checkKeys(keys, towerKeySize); err != nil {
		return nil, err
	}
	halves := make([][]byte, len(keys))
	for i, key := range keys {
		halves[i] = key[:32]
	}
	signatureSize := base64.StdEncoding.EncodedLen(sha256.Size)
	return func(value string, _ time.Time) (string, error) {
		if len(value) <= signatureSize {
			return "", ErrBad
		}
		signature, plain := value[:signatureSize], value[signatureSize:]
		if !anyMAC(sha256.New, halves, plain, signature, base64.StdEncoding.EncodeToString) {
			return "", ErrBad
		}
		return plain, nil
	}, nil
}

// OpenTowerPrivate decrypts a private cookie of tower-cookies, unescaped with
// [UnescapeJS]. It is bound to the cookie's name. The keys have 64 bytes each.
func OpenTowerPrivate(keys [][]byte, cookie string) (Opener, error) {
	if err := checkKeys(keys, towerKeySize); err != nil {
		return nil, err
	}
	return func(value string, _ time.Time) (string, error) {
		const nonceSize = 12
		sealed, err := canonical(base64.StdEncoding, value)
		if err != nil || len(sealed) < nonceSize {
			return "", ErrBad
		}
		for _, key := range keys {
			plain, err := openGCM(key[32:], sealed[:nonceSize], sealed[nonceSize:], []byte(cookie))
			if err == nil {
				return string(plain), nil
			}
		}
		return "", ErrBad
	}, nil
}
