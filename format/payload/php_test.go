package payload_test

import (
	"math"
	"reflect"
	"testing"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

// TestPHPValues: samples of PHP 8.4, and forms that it reads but writes rarely.
func TestPHPValues(t *testing.T) {
	samples := at(t, vectors(t, "php-sessions-and-symfony"), "serialize_samples")
	for name, want := range map[string]any{
		"int": int64(5), "float": 1.5, "float_inf": math.Inf(1), "str": `a"b;c`, "utf8": "é",
		"bool": true, "null": nil, "enum": "H", "custom": "payload", "nested": `a:1:{s:1:"a";i:1;}`,
		"arr":   map[string]any{"1": "x", "k": []any{true}},
		"magic": map[string]any{"a": int64(1), "5": "five"},
		"obj": map[string]any{
			"id": int64(42), "email": "alice@example.com", "secret": "x", "roles": []any{"ROLE_USER", "ROLE_ADMIN"},
		},
	} {
		got, err := payload.DecodePHP(unbase64At(t, samples, name))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, %v; want %#v", name, got, err, want)
		}
	}
	for data, want := range map[string]any{
		`a:0:{}`:                         []any{},
		`S:3:"a\00\7A";`:                 "a\x00z",
		`i:+7;`:                          int64(7),
		`a:2:{i:0;i:1;i:0;i:2;}`:         map[string]any{"0": int64(2)},
		`a:2:{i:1;i:1;i:0;i:2;}`:         map[string]any{"1": int64(1), "0": int64(2)},
		`a:1:{i:0;R:1;}`:                 []any{nil}, // a cycle
		`a:3:{i:0;i:5;i:1;R:2;i:2;i:6;}`: []any{int64(5), int64(5), int64(6)},
		`a:4:{i:0;O:1:"A":0:{}i:1;r:2;i:2;i:7;i:3;R:4;}`: []any{map[string]any{}, map[string]any{}, int64(7), int64(7)},
		`a:4:{i:0;O:1:"A":0:{}i:1;R:2;i:2;i:7;i:3;R:3;}`: []any{map[string]any{}, map[string]any{}, int64(7), int64(7)},
	} {
		got, err := payload.DecodePHP([]byte(data))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, %v; want %#v", data, got, err, want)
		}
	}
	if nan, err := payload.DecodePHP([]byte("d:NAN;")); err != nil || !math.IsNaN(nan.(float64)) {
		t.Errorf("NAN: %v, %v", nan, err)
	}
}

// TestWordPressTokens: the user meta that lists a user's sessions.
func TestWordPressTokens(t *testing.T) {
	for i, c := range list(t, vectors(t, "wordpress"), "cases") {
		for _, meta := range list(t, c, "usermeta") {
			tree, err := payload.DecodePHP([]byte(text(t, meta, "meta_value")))
			if _, isMap := tree.(map[string]any); err != nil || !isMap {
				t.Errorf("%d: %s: %v, %v", i, text(t, meta, "meta_key"), tree, err)
			}
		}
	}
}

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
