package token

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/securecookie"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

// refuses tells whether a codec reads nothing of data, and says so properly.
func refuses(tb testing.TB, codec payload.Codec, data []byte) bool {
	tb.Helper()
	tree, err := codec(data)
	if _, ok := errors.AsType[*payload.Error](err); err != nil && (!ok || tree != nil) {
		tb.Fatalf("%v with %v", err, tree)
	}
	return err != nil
}

// TestSealedRow: pgstore seals the row as well as the cookie.
func TestSealedRow(t *testing.T) {
	store := vectors(t, "gorilla-pgstore-hash-and-block")
	keys := SecureCookieKeys{Hash: []byte(text(t, store, "keys.0")), Block: []byte(text(t, store, "keys.1"))}
	codec := must[payload.Codec](t)(SecureCookie{Name: text(t, store, "cookie_name"), Keys: []SecureCookieKeys{keys}, MaxAge: time.Second}.Codec())
	data := []byte(text(t, store, "row.data"))
	tree, err := codec(data)
	if err != nil || text(t, tree, "user_id") != text(t, store, "expect.user_id") {
		t.Errorf("%v, %v", tree, err)
	}
	for i := range data {
		if !refuses(t, codec, data[:i]) {
			t.Errorf("the first %d bytes suffice", i)
		}
	}
}

// gorillaSealed seals as gorilla/securecookie does, with its own gob.
func gorillaSealed(t *testing.T, hash, block []byte, v any) string {
	t.Helper()
	return must[string](t)(securecookie.New(hash, block).MaxLength(0).Encode("session", v))
}

// TestSecureCookie_WhatIsNoToken: the seal is good, and nobody is in it.
func TestSecureCookie_WhatIsNoToken(t *testing.T) {
	hash := []byte("a hash key")
	open := must[Opener](t)(SecureCookie{Name: "session", Keys: must[[]SecureCookieKeys](t)(ParseSecureCookieKeys([]string{string(hash)})), Field: "token"}.Opener())
	if got, err := open(gorillaSealed(t, hash, nil, map[string]string{"token": "tok"}), vectorsMade); got != "tok" || err != nil {
		t.Fatalf("%q, %v", got, err)
	}
	for name, v := range map[string]any{"an empty token": map[string]string{"token": ""}, "a number": map[string]int{"token": 1}, "another field": map[string]string{"x": "tok"}, "no fields": "tok"} {
		if got, err := open(gorillaSealed(t, hash, nil, v), vectorsMade); got != "" || err != ErrBad {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// TestSecureCookieCodec_WhatIsNoPayload: too much, sealed by others, or no gob.
func TestSecureCookieCodec_WhatIsNoPayload(t *testing.T) {
	hash := []byte("a hash key")
	codec := must[payload.Codec](t)(SecureCookie{Name: "session", Keys: []SecureCookieKeys{{Hash: hash}}}.Codec())
	noGob := must[string](t)(securecookie.New(hash, nil).SetSerializer(securecookie.NopEncoder{}).Encode("session", []byte("x")))
	for name, c := range map[string]struct{ data, says string }{
		"larger than any": {strings.Repeat("A", payload.MaxSize+1), "larger than 1 MiB"},
		"another key's":   {gorillaSealed(t, []byte("another"), nil, "x"), "not sealed with these keys"},
		"no gob":          {noGob, ""},
	} {
		if tree, err := codec([]byte(c.data)); tree != nil || err == nil || !strings.Contains(err.Error(), c.says) || c.says != "" && !strings.Contains(err.Error(), "securecookie") {
			t.Errorf("%s: %v, %v", name, tree, err)
		}
	}
}

// TestSecureCookie_WhichKeysAre: pairs of text, hex or base64, of which the second
// encrypts.
func TestSecureCookie_WhichKeysAre(t *testing.T) {
	pairs := must[[]SecureCookieKeys](t)(ParseSecureCookieKeys([]string{"text,hex:" + strings.Repeat("61", 16), "base64:AAECAw==,", "hex:00ff"}))
	for i, want := range []SecureCookieKeys{{[]byte("text"), []byte(strings.Repeat("a", 16))}, {[]byte{0, 1, 2, 3}, nil}, {[]byte{0, 0xFF}, nil}} {
		if !bytes.Equal(pairs[i].Hash, want.Hash) || !bytes.Equal(pairs[i].Block, want.Block) {
			t.Errorf("pair %d: %q", i, pairs[i])
		}
	}
	for _, secret := range []string{"hex:zz", "base64:!", "x,hex:zz", "x,base64:AAECAw"} {
		if _, err := ParseSecureCookieKeys([]string{secret}); err == nil {
			t.Errorf("%q was taken", secret)
		}
	}
	for size, good := range map[int]bool{0: true, 15: false, 16: true, 17: false, 23: false, 24: true, 25: false, 32: true, 33: false} {
		s := SecureCookie{Name: "session", Keys: []SecureCookieKeys{{Hash: []byte("h"), Block: make([]byte, size)}}}
		_, opener := s.Opener()
		_, codec := s.Codec()
		if (opener == nil) != good || (codec == nil) != good {
			t.Errorf("%d bytes: %v, %v", size, opener, codec)
		}
	}
	if _, err := (SecureCookie{Name: "session"}).Codec(); err == nil {
		t.Error("no key was taken")
	}
	if _, err := (SecureCookie{Name: "session", Keys: []SecureCookieKeys{{Hash: []byte("h")}}, Field: `"`}).Opener(); err == nil {
		t.Error("a field that is no path was taken")
	}
}

// FuzzSealedPayloads: what was not made with the secret is never read, whatever
// else it is; and reading it is an error like any other.
func FuzzSealedPayloads(f *testing.F) {
	key := []byte("0123456789abcdef0123456789abcdef")
	codecs := []payload.Codec{
		must[payload.Codec](f)(DjangoCodec([]string{"a secret of the fuzzer's own"})),
		must[payload.Codec](f)(LaravelCodec([][]byte{key}, payload.DecodePHP)),
		must[payload.Codec](f)(SecureCookie{Name: "x", Keys: []SecureCookieKeys{{Hash: key}}}.Codec()),
	}
	f.Add([]byte(text(f, vectors(f, "django-5.2"), "cases.0.row.session_data")))
	f.Add([]byte(text(f, vectors(f, "django-3.2-legacy"), "legacy_session_data")))
	f.Add([]byte(text(f, vectors(f, "laravel-13"), "cases.2.row.payload")))
	f.Add([]byte(text(f, vectors(f, "gorilla-pgstore-hash-and-block"), "row.data")))
	f.Fuzz(func(t *testing.T, data []byte) {
		for i, codec := range codecs {
			if !refuses(t, codec, data) {
				t.Fatalf("codec %d read %q", i, data)
			}
		}
	})
}
