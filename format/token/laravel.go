package token

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

// OpenLaravel decrypts a cookie of Laravel, unescaped with [UnescapePHP]. The
// keys are APP_KEY and APP_PREVIOUS_KEYS, read by [ParseLaravelKeys]. The value
// must have been encrypted for the cookie of this name.
func OpenLaravel(keys [][]byte, cookie string) (Opener, error) {
	if err := checkKeys(keys, 16, 32); err != nil {
		return nil, err
	}
	prefixes := make([]string, len(keys))
	for i, key := range keys {
		mac := hmac.New(sha1.New, key)
		mac.Write([]byte(cookie + "v2"))
		prefixes[i] = hex.EncodeToString(mac.Sum(nil)) + "|"
	}
	return func(value string, _ time.Time) (string, error) {
		plain, ok := laravelDecrypt(keys, []byte(value))
		if !ok || len(plain) <= len(prefixes[0]) {
			return "", ErrBad
		}
		mark, id := plain[:len(prefixes[0])], plain[len(prefixes[0]):]
		match := false
		for _, prefix := range prefixes {
			if same(prefix, string(mark)) {
				match = true
			}
		}
		if !match {
			return "", ErrBad
		}
		return string(id), nil
	}, nil
}

// ParseLaravelKeys reads APP_KEY and APP_PREVIOUS_KEYS as Laravel's configuration
// has them: base64: and the key, or the key itself.
func ParseLaravelKeys(secrets []string) ([][]byte, error) {
	return eachSecret(secrets, parseLaravelKey)
}

func parseLaravelKey(text string) ([]byte, error) {
	encoded, ok := strings.CutPrefix(text, "base64:")
	if !ok {
		return []byte(text), checkKeys([][]byte{[]byte(text)}, 16, 32)
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, fmt.Errorf("a Laravel key is not base64 after its prefix")
	}
	return key, checkKeys([][]byte{key}, 16, 32)
}

// LaravelCodec decrypts a payload that was written with SESSION_ENCRYPT. What
// was encrypted is PHP's serialize of the text that inner reads.
func LaravelCodec(keys [][]byte, inner payload.Codec) (payload.Codec, error) {
	if err := checkKeys(keys, 16, 32); err != nil {
		return nil, err
	}
	return func(data []byte) (any, error) {
		if len(data) > 2*payload.MaxSize {
			return nil, &payload.Error{Codec: "laravel", Why: "larger than 1 MiB"}
		}
		plain, ok := laravelDecrypt(keys, data)
		if !ok {
			return nil, &payload.Error{Codec: "laravel", Why: "not encrypted with these keys"}
		}
		v, err := payload.DecodePHP(plain)
		if err != nil {
			return nil, err
		}
		text, ok := v.(string)
		if !ok {
			return nil, &payload.Error{Codec: "laravel", Why: "what was encrypted is no text"}
		}
		return inner([]byte(text))
	}, nil
}
