package token

import (
	"encoding/base64"
	"encoding/hex"
	"time"
)

// OpenBase64 decodes base64 in the standard alphabet, with padding. The result
// is bytes: nothing that a column of text can be asked for unchecked.
func OpenBase64(value string, _ time.Time) (string, error) {
	raw, err := canonical(base64.StdEncoding, value)
	return string(raw), err
}

// OpenBase64URL decodes base64 in the alphabet for URLs, without padding.
func OpenBase64URL(value string, _ time.Time) (string, error) {
	raw, err := canonical(base64.RawURLEncoding, value)
	return string(raw), err
}

// OpenHex decodes hexadecimal digits in lower case.
func OpenHex(value string, _ time.Time) (string, error) {
	raw, err := hex.DecodeString(value)
	if err != nil || hex.EncodeToString(raw) != value {
		return "", ErrBad
	}
	return string(raw), nil
}

// canonical decodes base64 in its one spelling. The library would skip line
// breaks and ignore stray bits: many cookies would then be one.
func canonical(encoding *base64.Encoding, text string) ([]byte, error) {
	raw, err := encoding.DecodeString(text)
	if err != nil || encoding.EncodeToString(raw) != text {
		return nil, ErrBad
	}
	return raw, nil
}
