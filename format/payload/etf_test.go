package payload_test

import (
	"reflect"
	"testing"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

// TestETFValues: the session of Phoenix that has one value of each kind.
func TestETFValues(t *testing.T) {
	tree, err := payload.DecodeETF(unbase64At(t, vectors(t, "phoenix"), "etf_base64"))
	if err != nil {
		t.Fatal(err)
	}
	token := string(unhex(t, text(t, vectors(t, "phoenix"), "user_token_hex")))
	want := map[string]any{
		"_csrf_token": "tok", "big": int64(1 << 40), "f": 1.5, "int": int64(300),
		"list": []any{int64(1), "b"}, "n": nil, "neg": int64(-5), "user_remember_me": true, "user_token": token,
		"live_socket_id": "users_sessions:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=",
	}
	if !reflect.DeepEqual(tree, any(want)) {
		t.Errorf("%#v", tree)
	}
	for data, want := range map[string]any{
		"\x83k\x00\x02\x01\x02":  []any{int64(1), int64(2)},
		"\x83i\x00\x00\x00\x01j": []any{[]any{}},
		"\x83d\x00\x02ok":        "ok",
		"\x83s\x02ok":            "ok",
		"\x83v\x00\x05false":     false,

		// Longer ones.
		"\x83n\x08\x01\xff\xff\xff\xff\xff\xff\xff\xff": "-18446744073709551615",
		"\x83t\x00\x00\x00\x01a\x05a\x06":               map[string]any{"5": int64(6)},
	} {
		got, err := payload.DecodeETF([]byte(data))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %#v, %v", data, got, err)
		}
	}
}

func FuzzDecodeETF(f *testing.F) { fuzzCodec(f, "etf") }
