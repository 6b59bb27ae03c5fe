package token

import (
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/chacha20poly1305"
)

// signedPlug is a cookie of Plug's with a payload in Erlang's term format.
func signedPlug(t *testing.T, p Plug, header string, term []byte) string {
	t.Helper()
	message := header + base64.RawURLEncoding.EncodeToString(term)
	key := must[[][]byte](t)(p.keys())[0]
	return message + "." + base64.RawURLEncoding.EncodeToString(sum(sha256.New, key, message))
}

const hs256 = "SFMyNTY."

// etfBinary and etfInt are terms without the version that begins a payload.
func etfBinary(text string) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{109}, uint32(len(text))), text...)
}

func etfInt(n int64) []byte {
	negative := byte(0)
	if n < 0 {
		n, negative = -n, 1
	}
	return binary.LittleEndian.AppendUint64([]byte{110, 8, negative}, uint64(n))
}

func etfTuple(terms ...[]byte) []byte {
	tuple := []byte{131, 104, byte(len(terms))}
	for _, term := range terms {
		tuple = append(tuple, term...)
	}
	return tuple
}

// TestPlugSigned_WhatIsNoToken: the signature is good, and nobody is in it.
func TestPlugSigned_WhatIsNoToken(t *testing.T) {
	p := Plug{Secrets: []string{strings.Repeat("s", 64)}, Salt: "salt"}
	open := must[Opener](t)(p.Signed())
	session := func(value []byte) []byte {
		return append(append([]byte{131, 116, 0, 0, 0, 1}, etfBinary("user_token")...), value...)
	}
	if got, err := open(signedPlug(t, p, hs256, session(etfBinary("tok"))), vectorsMade); got != "tok" || err != nil {
		t.Fatalf("%q, %v", got, err)
	}
	for name, value := range map[string]string{
		"an empty token":     signedPlug(t, p, hs256, session(etfBinary(""))),
		"a number":           signedPlug(t, p, hs256, session(etfInt(1))),
		"no token":           signedPlug(t, p, hs256, []byte{131, 116, 0, 0, 0, 0}),
		"no session":         signedPlug(t, p, hs256, append([]byte{131}, etfBinary("tok")...)),
		"no term":            signedPlug(t, p, hs256, []byte("x")),
		"another algorithm":  signedPlug(t, p, "SFMzODQ.", session(etfBinary("tok"))),
		"no header":          signedPlug(t, p, "", session(etfBinary("tok"))),
		"another salt":       signedPlug(t, Plug{Secrets: p.Secrets, Salt: "other"}, hs256, session(etfBinary("tok"))),
		"no signature":       strings.TrimRight(hs256+base64.RawURLEncoding.EncodeToString(session(etfBinary("tok"))), "="),
		"an empty signature": hs256 + base64.RawURLEncoding.EncodeToString(session(etfBinary("tok"))) + ".",
	} {
		if got, err := open(value, vectorsMade); err != ErrBad || got != "" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// TestPlugRememberMe_HowLong: it says itself when it was made and for how long.
func TestPlugRememberMe_HowLong(t *testing.T) {
	p := Plug{Secrets: []string{strings.Repeat("s", 64)}, Salt: "remember_cookie"}
	open := must[Opener](t)(p.RememberMe())
	token, signed := etfBinary("tok"), etfInt(vectorsMade.UnixMilli())
	for _, c := range []struct {
		name string
		term []byte
		late time.Duration
		ok   bool
	}{
		{"just made", etfTuple(token, signed, etfInt(60)), 0, true},
		{"at its end", etfTuple(token, signed, etfInt(60)), time.Minute, false},
		{"before it", etfTuple(token, signed, etfInt(60)), time.Minute - 1, true},
		{"no time at all", etfTuple(token, signed, etfInt(0)), 0, false},
		{"less than none", etfTuple(token, signed, etfInt(-60)), -2 * time.Minute, false},
		{"no time, for very long", etfTuple(token, token, etfInt(1<<32)), 0, false},
		{"of tomorrow, for no time", etfTuple(token, etfInt(vectorsMade.Add(24*time.Hour).UnixMilli()), token), 0, false},
		{"136 years", etfTuple(token, signed, etfInt(1<<32)), 0, true},
		{"longer than that", etfTuple(token, signed, etfInt(1<<32+1)), 0, false},
		{"an age that overflows", etfTuple(token, signed, etfInt(1<<62)), 0, false},
		{"two parts", etfTuple(token, signed), 0, false},
		{"four", etfTuple(token, signed, etfInt(60), token), 0, false},
		{"a time that is none", etfTuple(token, token, etfInt(60)), 0, false},
		{"an age that is none", etfTuple(token, signed, token), 0, false},
		{"an empty token", etfTuple(etfBinary(""), signed, etfInt(60)), 0, false},
		{"no tuple", append([]byte{131}, token...), 0, false},
	} {
		got, err := open(signedPlug(t, p, hs256, c.term), vectorsMade.Add(c.late))
		if (err == nil) != c.ok || c.ok && got != "tok" || !c.ok && err != ErrBad {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
}

// TestPlugEncrypted_WhatIsNoToken: it was encrypted with the secret, and nobody is in it.
func TestPlugEncrypted_WhatIsNoToken(t *testing.T) {
	p := Plug{Secrets: []string{strings.Repeat("s", 64)}, Salt: "salt", Field: "other_token"}
	open := must[Opener](t)(p.Encrypted())
	encrypted := func(term []byte) string {
		nonce := make([]byte, chacha20poly1305.NonceSizeX)
		sealed := must[cipher.AEAD](t)(chacha20poly1305.NewX(must[[][]byte](t)(p.keys())[0])).Seal(nil, nonce, term, []byte("A128GCM"))
		text, tag := sealed[:len(sealed)-chacha20poly1305.Overhead], sealed[len(sealed)-chacha20poly1305.Overhead:]
		return "XCP." + base64.RawURLEncoding.EncodeToString(append(append(nonce, tag...), text...))
	}
	session := func(key string, value []byte) []byte {
		return append(append([]byte{131, 116, 0, 0, 0, 1}, etfBinary(key)...), value...)
	}
	if got, err := open(encrypted(session("other_token", etfBinary("tok"))), vectorsMade); got != "tok" || err != nil {
		t.Fatalf("%q, %v", got, err)
	}
	for name, value := range map[string]string{
		"another field":    encrypted(session("user_token", etfBinary("tok"))),
		"an empty token":   encrypted(session("other_token", etfBinary(""))),
		"no session":       encrypted([]byte{131, 116, 0, 0, 0, 0}),
		"no term":          encrypted([]byte("x")),
		"nothing":          encrypted(nil),
		"not encrypted":    strings.TrimPrefix(encrypted(session("other_token", etfBinary("tok"))), "XCP."),
		"no base64":        "XCP.!",
		"less than a tag":  "XCP." + base64.RawURLEncoding.EncodeToString(make([]byte, 39)),
		"a signed session": signedPlug(t, p, hs256, session("other_token", etfBinary("tok"))),
	} {
		if got, err := open(value, vectorsMade); err != ErrBad || got != "" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	signed := must[Opener](t)(p.Signed())
	if got, err := signed(signedPlug(t, p, hs256, session("other_token", etfBinary("tok"))), vectorsMade); got != "tok" || err != nil {
		t.Errorf("signed: %q, %v", got, err)
	}
}
