package payload_test

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

// checkTree tells what is wrong with a tree: a value of a kind that none has,
// or more of it than is allowed when every shared part is counted again.
func checkTree(v any) error {
	nodes := 0
	var walk func(v any, depth int) error
	walk = func(v any, depth int) error {
		if nodes++; nodes > payload.MaxNodes || depth > payload.MaxDepth {
			return fmt.Errorf("%d values, %d deep", nodes, depth)
		}
		switch v := v.(type) {
		case nil, bool, int64, float64, string:
		case []any:
			for _, child := range v {
				if err := walk(child, depth+1); err != nil {
					return err
				}
			}
		case map[string]any:
			for _, child := range v {
				if err := walk(child, depth+1); err != nil {
					return err
				}
			}
		default:
			return fmt.Errorf("a %T", v)
		}
		return nil
	}
	return walk(v, 1)
}

// checkDecode holds for whatever is decoded: a proper tree or a proper error.
func checkDecode(tb testing.TB, codec payload.Codec, data []byte) error {
	tb.Helper()
	tree, err := codec(data)
	if err != nil {
		if _, ok := errors.AsType[*payload.Error](err); tree != nil || !ok {
			tb.Fatalf("%v with %v", err, tree)
		}
		return err
	}
	if bad := checkTree(tree); bad != nil {
		tb.Fatalf("the tree has %v", bad)
	}
	return nil
}

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

// TestTruncated: no payload is read from half of itself. A session of PHP is a
// row of variables, so a cut between two of them cannot be noticed; Django's
// signature is, with a secret.
func TestTruncated(t *testing.T) {
	for _, s := range samples(t) {
		codec, _ := payload.ByName(s.codec)
		for n := range s.data {
			err := checkDecode(t, codec, s.data[:n])
			if err == nil && s.codec != "php_session" && s.codec != "php_binary" && s.codec != "django" {
				// A base64 text without its padding is as good.
				if rest := string(s.data[n:]); strings.Trim(rest, "=\n") != "" {
					t.Errorf("%s: the first %d of %d bytes were read", s.name, n, len(s.data))
				}
			}
		}
	}
}

// TestTrailing: nothing may follow a payload.
func TestTrailing(t *testing.T) {
	for _, s := range samples(t) {
		codec, _ := payload.ByName(s.codec)
		if err := checkDecode(t, codec, append(bytes.Clone(s.data), 0)); err == nil && s.codec != "django" {
			t.Errorf("%s: read with a byte after it", s.name)
		}
	}
}

// TestErrorsHideThePayload: an error goes to a log, a session must not.
func TestErrorsHideThePayload(t *testing.T) {
	for name, codec := range payload.Codecs {
		_, err := codec([]byte("hunter2|hunter2"))
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func zipped(plain []byte) []byte {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	_, _ = z.Write(plain)
	_ = z.Close()
	return packed.Bytes()
}

// phpReferences doubles an array thirty times over, in 500 bytes.
func phpReferences() string {
	s := "a:31:{i:0;a:1:{i:0;i:1;}"
	for i := 1; i <= 30; i++ {
		s += fmt.Sprintf("i:%d;a:2:{i:0;R:%d;i:1;R:%d;}", i, i+1, i+1)
	}
	return s + "}"
}

// marshalReferences does the same in Ruby.
func marshalReferences() string {
	s := "\x04\x08[\x24[\x06T"
	for i := range 30 {
		link := string([]byte{'@', byte(i + 6)})
		s += "[\x07" + link + link
	}
	return s
}

// TestHostilePayloads: data that was made to hurt is refused, at once.
func TestHostilePayloads(t *testing.T) {
	nested := func(before, inside, after string, n int) string {
		return strings.Repeat(before, n) + inside + strings.Repeat(after, n)
	}
	long := binary.BigEndian.AppendUint32(nil, 10<<20)
	zeros := "." + base64.RawURLEncoding.EncodeToString(zipped(make([]byte, 50<<20))) + ":1:1"
	for _, tt := range []struct{ name, codec, data string }{
		{"too large", "json", strings.Repeat(" ", payload.MaxSize) + "{}"},
		{"too large", "php", strings.Repeat(" ", payload.MaxSize+1)},
		{"too large", "base64_php", strings.Repeat("A", 2*payload.MaxSize)},
		{"inflates to 50 MiB", "django", zeros},
		{"too deep", "json", nested("[", "", "]", 5000)},
		{"65 deep", "json", nested("[", "", "]", 65)},
		{"too many", "json", "[" + strings.Repeat("1,", payload.MaxNodes) + "1]"},
		{"not UTF-8", "json", "\"\xff\""},
		{"two documents", "json", "{} {}"},
		{"half a character", "json", `"\ud800"`},
		{"the second half", "json", `"a\udc00"`},
		{"halves of two characters", "json", `"\ud800\ud800"`},
		{"half a character in a key", "json", `{"\uD83D": 1}`},
		{"half a character, and text", "json", `"\ud800u"`},
		{"a repeated key", "json", `{"user": 1, "user": 2}`},
		{"a key repeated otherwise", "json", `{"user": {"a": 1}, "\u0075ser": 2}`},
		{"a repeated key inside", "json", `{"x": [{"a": 1, "a": 1}]}`},
		{"infinite", "json", "1e999"},
		{"too deep", "php", nested("a:1:{i:0;", "N;", "}", 5000)},
		{"too many", "php", "a:150000:{" + strings.Repeat("i:0;N;", 150000) + "}"},
		{"length lies", "php", `s:9999999:"x";`},
		{"length overflows", "php", `s:18446744073709551615:"x";`},
		{"length is negative", "php", `s:-1:"";`},
		{"count lies", "php", "a:2000000000:{i:0;N;}"},
		{"text without end", "php", `s:3:"abcd";`},
		{"unfolds to 2^30", "php", phpReferences()},
		{"points nowhere", "php", "a:1:{i:0;r:7;}"},
		{"points to zero", "php", "a:1:{i:0;R:0;}"},
		{"hex float", "php", "d:0x1p4;"},
		{"bad bool", "php", "b:2;"},
		{"array as key", "php", "a:1:{a:0:{}N;}"},
		{"no value", "php_session", "user"},
		{"too deep", "msgpack", nested("\x91", "\xc0", "", 5000)},
		{"length lies", "msgpack", "\xdb" + string(long) + "12345678901234567890"},
		{"count lies", "msgpack", "\xdd" + string(long) + "12345678901234567890"},
		{"not UTF-8", "msgpack", "\xa1\xff"},
		{"reserved tag", "msgpack", "\xc1"},
		{"map as key", "msgpack", "\x81\x80\x01"},
		{"bad timestamp", "msgpack", "\xd5\xff12"},
		{"too deep", "etf", "\x83" + nested("\x68\x01", "\x6a", "", 5000)},
		{"length lies", "etf", "\x83\x6d" + string(long) + "x"},
		{"improper list", "etf", "\x83\x6c\x00\x00\x00\x01\x61\x01\x61\x02"},
		{"compressed", "etf", "\x83P\x00\x00\x00\x01" + string(zipped([]byte("j")))},
		{"huge integer", "etf", "\x83\x6f" + string(long) + strings.Repeat("\xff", 1000)},
		{"too deep", "ruby_marshal", "\x04\x08" + nested("[\x06", "0", "", 5000)},
		{"length lies", "ruby_marshal", "\x04\x08\"\x04\xff\xff\xff\x7f"},
		{"length is negative", "ruby_marshal", "\x04\x08\"\xf0"},
		{"points nowhere", "ruby_marshal", "\x04\x08[\x06@\x09"},
		{"symbol points nowhere", "ruby_marshal", "\x04\x08;\x00"},
		{"class", "ruby_marshal", "\x04\x08c\x0bString"},
		{"link is negative", "ruby_marshal", "\x04\x08[\x06@\xfa"},
		{"class without name", "ruby_marshal", "\x04\x08C0"},
		{"unfolds to 2^30", "ruby_marshal", marshalReferences()},
		{"huge integer", "ruby_marshal", "\x04\x08l+\x02\xff\x7f" + strings.Repeat("\xff", 70000)},
		{"float", "ruby_marshal", "\x04\x08f\x06x"},
		{"integer of 9 bytes", "gob", "\xf7123456789"},
		{"type not defined", "gob", "\x03\xff\x80\x00"},
		{"definition without end", "gob", strings.Repeat("\x7f", 300)},
	} {
		codec, ok := payload.ByName(tt.codec)
		if !ok {
			t.Fatal(tt.codec)
		}
		if checkDecode(t, codec, []byte(tt.data)) == nil {
			t.Errorf("%s: %s was read", tt.codec, tt.name)
		}
	}
}

// TestDeepestAllowed: 64 levels are within the limit.
func TestDeepestAllowed(t *testing.T) {
	for codec, data := range map[string]string{
		"json":    strings.Repeat("[", 64) + strings.Repeat("]", 64),
		"msgpack": strings.Repeat("\x91", 63) + "\xc0",
		"php":     strings.Repeat("a:1:{i:0;", 63) + "N;" + strings.Repeat("}", 63),
	} {
		decode, _ := payload.ByName(codec)
		if err := checkDecode(t, decode, []byte(data)); err != nil {
			t.Errorf("%s: %v", codec, err)
		}
	}
}
