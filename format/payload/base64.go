package payload

import (
	"encoding/base64"
	"strings"
)

// Base64 reads base64 of what inner reads. Line breaks are allowed, as
// Ruby writes them; so are both alphabets, with or without padding: a payload
// is no secret to compare, so its spelling does not matter.
func Base64(inner Codec) Codec {
	return func(data []byte) (any, error) {
		raw, err := unbase64(data)
		if err != nil {
			return nil, err
		}
		return inner(raw)
	}
}

var toURLAlphabet = strings.NewReplacer("+", "-", "/", "_", "\r", "", "\n", "")

func unbase64(data []byte) ([]byte, error) {
	// Four characters hold three bytes; the rest is room for line breaks.
	if len(data) > 2*MaxSize {
		return nil, undecodable("base64", "larger than 1 MiB")
	}
	text := strings.TrimRight(toURLAlphabet.Replace(string(data)), "=")
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, undecodable("base64", "not valid")
	}
	if len(raw) > MaxSize {
		return nil, undecodable("base64", "larger than 1 MiB")
	}
	return raw, nil
}
