package payload_test

import (
	"math"
	"reflect"
	"testing"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

// TestPHPHandlers: three handlers of PHP wrote the same session.
func TestPHPHandlers(t *testing.T) {
	php := vectors(t, "php-sessions-and-symfony")
	want := at(t, php, "expect").(map[string]any)
	for handler, codec := range map[string]payload.Codec{
		"php": payload.DecodePHPSession, "php_serialize": payload.DecodePHP, "php_binary": payload.DecodePHPBinary,
	} {
		tree, err := codec(unbase64At(t, php, "handlers."+handler+".encoded_base64"))
		if err != nil {
			t.Fatal(handler, err)
		}
		for key, value := range want {
			if got := at(t, tree, key); !reflect.DeepEqual(got, value) {
				t.Errorf("%s: %s is %#v, want %#v", handler, key, got, value)
			}
		}
		for path, value := range map[string]string{
			"obj.email": "alice@example.com", "obj.secret": "x", "obj.roles.1": "ROLE_ADMIN",
			"std.k": "v", "bin": "\x00\xff", "date.timezone": "UTC", "ref1.0": "1", "ref2.k": "v",
		} {
			if got := text(t, tree, path); got != value {
				t.Errorf("%s: %s is %q, want %q", handler, path, got, value)
			}
		}
	}
}

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

// TestSymfonyRoles: the roles of a token inside a session inside a row.
func TestSymfonyRoles(t *testing.T) {
	for i, c := range list(t, vectors(t, "symfony-security"), "cases") {
		tree, err := payload.DecodePHPSession(unbase64At(t, c, "row.sess_data_base64"))
		if err != nil {
			t.Fatal(i, err)
		}
		got, _ := payload.Find(tree, "_sf2_attributes._security_main|php.1.4")
		want, _ := payload.Find(c, "expect.roles")
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%d: roles are %v, want %v", i, got, want)
		}
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
