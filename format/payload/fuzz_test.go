package payload_test

import (
	"testing"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

// fuzzCodec feeds a codec what programs wrote, and what becomes of it.
func fuzzCodec(f *testing.F, name string) {
	codec, ok := payload.ByName(name)
	if !ok {
		f.Fatal(name)
	}
	for _, s := range samples(f) {
		if s.codec == name {
			f.Add(s.data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) { _ = checkDecode(t, codec, data) })
}

func FuzzDecodeDjango(f *testing.F)     { fuzzCodec(f, "django") }
func FuzzDecodeETF(f *testing.F)        { fuzzCodec(f, "etf") }
func FuzzDecodeGob(f *testing.F)        { fuzzCodec(f, "gob") }
func FuzzDecodeJSON(f *testing.F)       { fuzzCodec(f, "json") }
func FuzzDecodeMsgpack(f *testing.F)    { fuzzCodec(f, "msgpack") }
func FuzzDecodePHPBinary(f *testing.F)  { fuzzCodec(f, "php_binary") }
func FuzzDecodePHPSession(f *testing.F) { fuzzCodec(f, "php_session") }
func FuzzDecodeRails(f *testing.F)      { fuzzCodec(f, "rails") }
func FuzzDecodeTower(f *testing.F)      { fuzzCodec(f, "tower") }
func FuzzBase64PHP(f *testing.F)        { fuzzCodec(f, "base64_php") }

func FuzzDecodePHP(f *testing.F) {
	for _, v := range vectors(f, "php-sessions-and-symfony").(map[string]any)["serialize_samples"].(map[string]any) {
		raw, err := payload.Unbase64([]byte(v.(string)))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(phpReferences()))
	fuzzCodec(f, "php")
}

func FuzzDecodeMarshal(f *testing.F) {
	raw, err := payload.Unbase64([]byte(text(f, vectors(f, "rails-6.1-marshal"), "ar_session_row.data")))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	fuzzCodec(f, "ruby_marshal")
}

// FuzzPath: whatever an operator writes as a path is an error or finds or not.
func FuzzPath(f *testing.F) {
	tree := map[string]any{"a.b": []any{int64(1), `a:1:{i:0;s:1:"x";}`}, "": nil}
	for _, path := range []string{"", `"a.b".1|php.0`, `"".x`, "a..b", "|", `"`, "a|nope", "0.1.2"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		v, ok := payload.Find(tree, path)
		if !ok && v != nil {
			t.Fatalf("%q found %v and nothing", path, v)
		}
	})
}
