package payload_test

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

// TestJSONNumbers: an id keeps its digits.
func TestJSONNumbers(t *testing.T) {
	for data, want := range map[string]any{
		"1000000": int64(1000000), "9007199254740993": int64(9007199254740993), "-0": int64(0),
		"18446744073709551615": "18446744073709551615", "1.5": 1.5, "1e6": 1e6,
		`{"a":1,"a":2}`: map[string]any{"a": int64(2)}, `"\"[[{,"`: `"[[{,`,
	} {
		got, err := payload.DecodeJSON([]byte(data))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, %v; want %#v", data, got, err, want)
		}
	}
}

func TestPath(t *testing.T) {
	tree := map[string]any{
		"a":    []any{int64(1), map[string]any{"b": "x"}},
		"a.b":  "dotted",
		"":     "empty",
		"php":  `a:1:{s:1:"k";s:10:"[{"id":7}]";}`,
		"null": nil,
		"7":    map[string]any{"1": "seven"},
	}
	for path, want := range map[string]any{
		"": tree, "a.0": int64(1), "a.1.b": "x", `"a.b"`: "dotted", `""`: "empty", "null": nil,
		"php|php.k|json.0.id": int64(7), `"7".1`: "seven", "7.1": "seven",
	} {
		if got, ok := payload.Find(tree, path); !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v", path, got, ok)
		}
	}
	for _, path := range []string{"b", "a.2", "a.-1", "a.00", "a.+1", "a.b", "null.x", "a|php", "7|json", "php|json", "a.0.0"} {
		if got, ok := payload.Find(tree, path); ok {
			t.Errorf("%s: %v", path, got)
		}
	}
	for _, path := range []string{".a", "a.", "a..b", `"a`, `"a"b`, "a|", "a|pickle", "."} {
		if _, err := payload.ParsePath(path); err == nil {
			t.Errorf("%s is a path", path)
		}
	}
}

func TestTextOf(t *testing.T) {
	for _, tt := range []struct {
		in   any
		want string
		ok   bool
	}{
		{"x", "x", true},
		{"", "", true},
		{int64(-5), "-5", true},
		{1e6, "1000000", true},
		{1.5, "", false},
		{1e300, "", false},
		{math.Inf(1), "", false},
		{math.NaN(), "", false},
		{true, "", false},
		{false, "", false},
		{nil, "", false},
		{[]any{}, "", false},
	} {
		if got, ok := payload.TextOf(tt.in); got != tt.want || ok != tt.ok {
			t.Errorf("%v: %q, %v", tt.in, got, ok)
		}
	}
}

func TestListOf(t *testing.T) {
	for _, tt := range []struct {
		in   any
		want []string
		ok   bool
	}{
		{[]any{"a", int64(2)}, []string{"a", "2"}, true},
		{[]any{}, []string{}, true},
		{"a", []string{"a"}, true},
		{map[string]any{"10": "c", "2": "b", "0": "a"}, []string{"a", "b", "c"}, true},
		{map[string]any{"admin": true}, nil, false},
		{[]any{"a", nil}, nil, false},
		{nil, nil, false},
		{false, nil, false},
	} {
		if got, ok := payload.ListOf(tt.in); !slices.Equal(got, tt.want) || ok != tt.ok {
			t.Errorf("%v: %q, %v", tt.in, got, ok)
		}
	}
}

func TestCodecNames(t *testing.T) {
	names := payload.Names()
	if len(names) != len(payload.Codecs) || !slices.IsSorted(names) {
		t.Error(names)
	}
	if _, ok := payload.ByName("pickle"); ok {
		t.Error("there is a codec for pickle")
	}
}
