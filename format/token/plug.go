package token

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

// Plug is how a Phoenix program keeps a session in a cookie. The row is found
// by what the session has under Field.
type Plug struct {
	// Secrets are secret_key_base and what it was before.
	Secrets []string
	// Salt is signing_salt, or encryption_salt where the cookie is encrypted;
	// for a cookie of "remember me" it is the cookie's name and "_cookie".
	Salt string
	// Field is the key of the token in the session. Default: user_token, as
	// phx.gen.auth names it.
	Field string
}

func (p Plug) field() string {
	if p.Field == "" {
		return "user_token"
	}
	return p.Field
}

func (p Plug) keys() ([][]byte, error) {
	if err := checkSecrets(p.Secrets); err != nil {
		return nil, err
	}
	return stretch(sha256.New, p.Secrets, p.Salt, 32)
}

// Signed opens a cookie that is signed, which is Phoenix' default.
func (p Plug) Signed() (Opener, error) {
	return p.opener(plugVerify, func(session any, _ time.Time) (string, error) {
		fields, _ := session.(map[string]any)
		return plugToken(fields[p.field()])
	})
}

// Encrypted opens a cookie that is encrypted: XCP, XChaCha20 and Poly1305.
func (p Plug) Encrypted() (Opener, error) {
	return p.opener(plugDecrypt, func(session any, _ time.Time) (string, error) {
		fields, _ := session.(map[string]any)
		return plugToken(fields[p.field()])
	})
}

// RememberMe opens the cookie that phx.gen.auth writes for "remember me": the
// token with the time when it was signed and its age in seconds.
func (p Plug) RememberMe() (Opener, error) {
	return p.opener(plugVerify, func(v any, now time.Time) (string, error) {
		parts, ok := v.([]any)
		if !ok || len(parts) != 3 {
			return "", ErrBad
		}
		signed, isTime := parts[1].(int64)
		age, isAge := parts[2].(int64)
		if !isTime || !isAge || age < 0 || age > 1<<32 || !now.Before(time.UnixMilli(signed).Add(time.Duration(age)*time.Second)) {
			return "", ErrBad
		}
		return plugToken(parts[0])
	})
}

func plugToken(v any) (string, error) {
	if token, ok := v.(string); ok && token != "" {
		return token, nil
	}
	return "", ErrBad
}

func (p Plug) opener(unseal func([][]byte, string) ([]byte, error), find func(any, time.Time) (string, error)) (Opener, error) {
	keys, err := p.keys()
	if err != nil {
		return nil, err
	}
	return func(value string, now time.Time) (string, error) {
		raw, err := unseal(keys, value)
		if err != nil {
			return "", err
		}
		term, err := payload.DecodeETF(raw)
		if err != nil {
			return "", ErrBad
		}
		return find(term, now)
	}, nil
}

// plugVerify opens SFMyNTY.<payload>.<signature>; the first part is base64 of
// HS256, the only algorithm that Plug uses here.
func plugVerify(keys [][]byte, value string) ([]byte, error) {
	message, signature, _ := cutLast(value, ".")
	payload, ok := strings.CutPrefix(message, "SFMyNTY.")
	if !ok || !anyMAC(sha256.New, keys, message, signature, base64.RawURLEncoding.EncodeToString) {
		return nil, ErrBad
	}
	return canonical(base64.RawURLEncoding, payload)
}

// plugDecrypt opens XCP.<nonce, tag, ciphertext>.
func plugDecrypt(keys [][]byte, value string) ([]byte, error) {
	const nonceSize, tagSize = chacha20poly1305.NonceSizeX, chacha20poly1305.Overhead
	body, ok := strings.CutPrefix(value, "XCP.")
	if !ok {
		return nil, ErrBad
	}
	sealed, err := canonical(base64.RawURLEncoding, body)
	if err != nil || len(sealed) < nonceSize+tagSize {
		return nil, ErrBad
	}
	nonce, tag, text := sealed[:nonceSize], sealed[nonceSize:nonceSize+tagSize], sealed[nonceSize+tagSize:]
	// Erlang keeps the tag before the text, Go after it.
	joined := append(append(make([]byte, 0, len(sealed)), text...), tag...)
	for _, key := range keys {
		aead, err := chacha20poly1305.NewX(key)
		if err != nil {
			return nil, ErrBad
		}
		if plain, err := aead.Open(nil, nonce, joined, []byte("A128GCM")); err == nil {
			return plain, nil
		}
	}
	return nil, ErrBad
}
