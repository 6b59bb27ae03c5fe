package payload_test

import (
	"reflect"
	"testing"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

// TestJSONNumbers: an id keeps its digits.
func TestJSONNumbers(t *testing.T) {
	for data, want := range map[string]any{
		"1000000": int64(1000000), "9007199254740993": int64(9007199254740993), "-0": int64(0),
		"18446744073709551615": "18446744073709551615", "1.5": 1.5, "1e6": 1e6,
		`{"a":1,"b":{"a":2}}`: map[string]any{"a": int64(1), "b": map[string]any{"a": int64(2)}}, `"\"[[{,:"`: `"[[{,:`,
		`"\ud83d\ude00 \\ud800 \u0041"`: "😀 \\ud800 A", `{":":[{"::":":"}]}`: map[string]any{":": []any{map[string]any{"::": ":"}}},
	} {
		got, err := payload.DecodeJSON([]byte(data))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, %v; want %#v", data, got, err, want)
		}
	}
}

func FuzzDecodeJSON(f *testing.F) { fuzzCodec(f, "json") }
