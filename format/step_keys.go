package format

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// laravelKeys reads secrets as APP_KEY and APP_PREVIOUS_KEYS.
func (o *Options) laravelKeys() ([][]byte, error) {
	keys := make([][]byte, len(o.Secret))
	for i, secret := range o.Secret {
		key, err := ParseLaravelKey(secret)
		if err != nil {
			return nil, fmt.Errorf("secret %d: %w", i+1, err)
		}
		keys[i] = key
	}
	return keys, nil
}

// secureCookie reads secrets as pairs: a key that signs, and after a comma one
// that encrypts.
func (o *Options) secureCookie() (SecureCookie, error) {
	const month = 30 * 24 * time.Hour // gorilla/sessions' own limit
	sealed := SecureCookie{Name: o.Cookie, MaxAge: month}
	for i, secret := range o.Secret {
		first, second, _ := strings.Cut(secret, ",")
		hash, err := keyOf(first)
		if err != nil {
			return sealed, fmt.Errorf("secret %d: %w", i+1, err)
		}
		block, err := keyOf(second)
		if err != nil {
			return sealed, fmt.Errorf("secret %d: %w", i+1, err)
		}
		sealed.Keys = append(sealed.Keys, SecureCookieKeys{Hash: hash, Block: block})
	}
	return sealed, nil
}

// keyOf reads a key: hex: or base64: and its bytes, or the text itself.
func keyOf(text string) ([]byte, error) {
	if digits, ok := strings.CutPrefix(text, "hex:"); ok {
		key, err := hex.DecodeString(digits)
		if err != nil {
			return nil, errors.New("it is not hexadecimal after `hex:`")
		}
		return key, nil
	}
	if encoded, ok := strings.CutPrefix(text, "base64:"); ok {
		key, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			return nil, errors.New("it is not base64 after `base64:`")
		}
		return key, nil
	}
	return []byte(text), nil
}

// towerKeys reads secrets as keys of cookie-rs: the 64 bytes after hex:,
// base64: or from:, or a text of at least 32 that a key is derived from.
func (o *Options) towerKeys() ([][]byte, error) {
	keys := make([][]byte, len(o.Secret))
	for i, secret := range o.Secret {
		text, whole := strings.CutPrefix(secret, "from:")
		key, err := keyOf(text)
		if err != nil {
			return nil, fmt.Errorf("secret %d: %w", i+1, err)
		}
		if whole && len(key) > towerKeySize {
			key = key[:towerKeySize] // as Key::from does
		}
		if !whole && text == string(key) {
			if key, err = DeriveTowerKey(key); err != nil {
				return nil, fmt.Errorf("secret %d: %w", i+1, err)
			}
		}
		keys[i] = key
	}
	return keys, nil
}
