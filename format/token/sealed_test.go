package token

import (
	"errors"
	"testing"
	"time"

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
