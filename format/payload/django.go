package payload

import (
	"encoding/base64"
	"strings"
)

// DjangoRow is a session_data column of Django, of every version that has one,
// cut where its signature begins. Nothing of what was signed is decoded yet:
// that waits until somebody who has the secret has checked the signature.
type DjangoRow struct {
	// Message is what was signed.
	Message string
	// Signature is the text that was found with it.
	Signature string
	// Legacy is the form that Django up to 3.0 wrote. It was signed with another
	// key and hash.
	Legacy bool

	body string // the part of the message that holds the session, if it is only a part
}

// DecodeDjango reads a session_data column without looking at its signature,
// which needs a secret.
func DecodeDjango(data []byte) (any, error) {
	row, err := ParseDjango(data)
	if err != nil {
		return nil, err
	}
	return row.Decode()
}

// ParseDjango finds the signature of a session_data column.
func ParseDjango(data []byte) (DjangoRow, error) {
	if len(data) > MaxSize {
		return DjangoRow{}, undecodable("django", "larger than 1 MiB")
	}
	text := string(data)
	// A signed text is in parts with colons between, which base64 has none of.
	last := strings.LastIndexByte(text, ':')
	if last < 0 {
		return parseLegacyDjango(data)
	}
	message, signature := text[:last], text[last+1:]
	last = strings.LastIndexByte(message, ':') // the time of signing stands there
	if last < 0 {
		return DjangoRow{}, undecodable("django", "it has no signature")
	}
	return DjangoRow{Message: message, Signature: signature, body: message[:last]}, nil
}

// parseLegacyDjango reads what Django up to 3.0 wrote: base64 of a signature in
// hex, a colon and JSON.
func parseLegacyDjango(data []byte) (DjangoRow, error) {
	raw, err := unbase64(data)
	if err != nil {
		return DjangoRow{}, err
	}
	signature, body, ok := strings.Cut(string(raw), ":")
	if !ok {
		return DjangoRow{}, undecodable("django", "it has no signature")
	}
	return DjangoRow{Message: body, Signature: signature, Legacy: true}, nil
}

// Decode reads the session in the row.
func (r DjangoRow) Decode() (any, error) {
	if r.Legacy {
		return DecodeJSON([]byte(r.Message))
	}
	body, deflated := strings.CutPrefix(r.body, ".")
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return nil, undecodable("django", "its body is not base64")
	}
	if deflated {
		if raw, err = inflate("django", raw); err != nil {
			return nil, err
		}
	}
	return DecodeJSON(raw)
}
