package payload_test

import (
	"reflect"
	"testing"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

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
