package payload_test

import (
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

func FuzzDecodePHPSession(f *testing.F) { fuzzCodec(f, "php_session") }

func FuzzDecodePHPBinary(f *testing.F) { fuzzCodec(f, "php_binary") }
