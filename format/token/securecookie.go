package token

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/securecookie"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

// SecureCookie is how gorilla/sessions seals a cookie or a payload.
type SecureCookie struct {
	// Name is the cookie's name, which is sealed with the value.
	Name string
	// Keys are pairs: one that signs, and one that encrypts or nil.
	Keys []SecureCookieKeys
	// MaxAge is how long a value is accepted after it was sealed, a month in
	// gorilla/sessions. Zero is for ever.
	MaxAge time.Duration
	// Field is where the token stands in the value, if that is not all of it:
	// session_token in Ory Kratos.
	Field string
}

// SecureCookieKeys are the keys of one generation.
type SecureCookieKeys struct {
	// Hash signs. It must not be empty.
	Hash []byte
	// Block encrypts, with 16, 24 or 32 bytes. Empty: nothing is encrypted.
	Block []byte
}

// ParseSecureCookieKeys reads secrets as pairs: a key that signs, and after a
// comma one that encrypts. Either is text, or bytes after hex: or base64:.
func ParseSecureCookieKeys(secrets []string) ([]SecureCookieKeys, error) {
	return eachSecret(secrets, func(secret string) (pair SecureCookieKeys, err error) {
		first, second, _ := strings.Cut(secret, ",")
		if pair.Hash, err = keyOf(first); err != nil {
			return pair, err
		}
		pair.Block, err = keyOf(second)
		return pair, err
	})
}

// Opener opens a cookie and finds the token in it.
func (s SecureCookie) Opener() (Opener, error) {
	seals, err := s.seals(maxToken)
	if err != nil {
		return nil, err
	}
	field, err := payload.ParsePath(s.Field)
	if err != nil {
		return nil, err
	}
	return func(value string, now time.Time) (string, error) {
		tree, err := s.open(seals, value, now)
		if err != nil {
			return "", ErrBad
		}
		v, _ := field.Find(tree)
		if token, ok := v.(string); ok && token != "" {
			return token, nil
		}
		return "", ErrBad
	}, nil
}

// Codec opens a payload that was sealed as a cookie, as pgstore keeps it.
// MaxAge has no meaning here: a row has an expiry of its own.
func (s SecureCookie) Codec() (payload.Codec, error) {
	seals, err := s.seals(payload.MaxSize)
	if err != nil {
		return nil, err
	}
	s.MaxAge = 0
	return func(data []byte) (any, error) {
		if len(data) > payload.MaxSize {
			return nil, &payload.Error{Codec: "securecookie", Why: "larger than 1 MiB"}
		}
		tree, err := s.open(seals, string(data), time.Time{})
		if errors.Is(err, ErrBad) {
			return nil, &payload.Error{Codec: "securecookie", Why: "not sealed with these keys"}
		}
		return tree, err
	}, nil
}

func (s SecureCookie) seals(maxLength int) ([]*securecookie.SecureCookie, error) {
	if len(s.Keys) == 0 {
		return nil, errors.New("no key is given")
	}
	seals := make([]*securecookie.SecureCookie, len(s.Keys))
	for i, key := range s.Keys {
		if len(key.Hash) == 0 {
			return nil, fmt.Errorf("hash key %d is empty", i+1)
		}
		if len(key.Block) == 0 {
			// The library takes an empty slice for a key.
			key.Block = nil
		} else if err := checkKeys([][]byte{key.Block}, 16, 24, 32); err != nil {
			return nil, err
		}
		// The library's age limit reads the clock, and its own decoder makes
		// values of registered types: it only checks and decrypts here.
		seals[i] = securecookie.New(key.Hash, key.Block).
			MaxAge(0).MaxLength(maxLength).SetSerializer(securecookie.NopEncoder{})
	}
	return seals, nil
}

// open undoes a seal and reads the gob inside.
func (s SecureCookie) open(seals []*securecookie.SecureCookie, value string, now time.Time) (any, error) {
	outer, err := canonical(base64.URLEncoding, value)
	if err != nil {
		return nil, err
	}
	for _, seal := range seals {
		var raw []byte
		if seal.Decode(s.Name, value, &raw) != nil {
			continue
		}
		if s.MaxAge > 0 && !sealedWithin(outer, s.MaxAge, now) {
			return nil, ErrBad
		}
		return payload.DecodeGob(raw)
	}
	return nil, ErrBad
}

// sealedWithin reads the date of a value whose seal is good: date|value|mac.
func sealedWithin(outer []byte, maxAge time.Duration, now time.Time) bool {
	date, _, _ := strings.Cut(string(outer), "|")
	seconds, err := strconv.ParseInt(date, 10, 64)
	if err != nil {
		return false
	}
	return now.Before(time.Unix(seconds, 0).Add(maxAge))
}
