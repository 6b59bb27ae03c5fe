package payload_test

import (
	"math"
	"reflect"
	"testing"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

// TestMarshalValues: what Ruby dumps, each checked against its documentation
// of the format; the first is a row of Rails.
func TestMarshalValues(t *testing.T) {
	rails := vectors(t, "rails-6.1-marshal")
	tree, err := payload.DecodeRails([]byte(text(t, rails, "ar_session_row.data")))
	if want := at(t, rails, "ar_decoded"); err != nil || !reflect.DeepEqual(tree, want) {
		t.Errorf("%v, %v; want %v", tree, err, want)
	}
	for data, want := range map[string]any{
		"0": nil, "T": true, "F": false,
		"i\x00": int64(0), "i\x06": int64(1), "i\xfa": int64(-1), "i\x7f": int64(122), "i\x80": int64(-123),
		"i\x01\x7b": int64(123), "i\x02\x00\x01": int64(256), "i\xff\x84": int64(-124), "i\xfe\x00\xff": int64(-256),
		"i\x04\xff\xff\xff\x3f": int64(1<<30 - 1), "i\xfc\x00\x00\x00\xc0": int64(-1 << 30),
		"l+\x09\x00\x00\x00\x00\x00\x01\x00\x00": int64(1 << 40),
		"l-\x09\xff\xff\xff\xff\xff\xff\xff\xff": "-18446744073709551615",
		"f\x081.5":                               1.5,
		":\x06a":                                 "a",
		"\"\x06a":                                "a",
		"I\"\x06a\x06:\x06ET":                    "a",
		"[\x07:\x06a;\x00":                       []any{"a", "a"},
		"[\x07\"\x06a@\x06":                      []any{"a", "a"},
		"[\x06@\x00":                             []any{nil}, // a cycle
		"{\x06:\x06ai\x06":                       map[string]any{"a": int64(1)},
		"}\x06:\x06ai\x06i\x00":                  map[string]any{"a": int64(1)},
		"C:\x0aHashy{\x06\"\x06ai\x06":           map[string]any{"a": int64(1)},
		"o:\x09User\x06:\x08@idi\x0c":            map[string]any{"id": int64(7)},
		"S:\x06P\x06:\x06xi\x06":                 map[string]any{"x": int64(1)},
		"u:\x06T\x07ab":                          "ab",
		"f\x08inf":                               math.Inf(1), "f\x09-inf": math.Inf(-1),
		"CI:\x07\xc3\xa4\x06:\x06ET\"\x06a":             "a", // a class with a name that is not ASCII
		"U:\x06T[\x06i\x06":                             []any{int64(1)},
		"[\x08Iu:\x06T\x06x\x06:\x06z\"\x06y@\x06@\x07": []any{"x", "y", "x"},
	} {
		got, err := payload.DecodeMarshal([]byte("\x04\x08" + data))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %#v, %v; want %#v", data, got, err, want)
		}
	}
}

func FuzzDecodeMarshal(f *testing.F) {
	raw, err := payload.Unbase64([]byte(text(f, vectors(f, "rails-6.1-marshal"), "ar_session_row.data")))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	fuzzCodec(f, "ruby_marshal")
}
