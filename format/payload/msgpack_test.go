package payload_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

// TestMsgpackAgreesWithItsLibrary: every kind and every width of it.
func TestMsgpackAgreesWithItsLibrary(t *testing.T) {
	when := time.Date(2026, 1, 2, 3, 4, 5, 600, time.UTC)
	long := make([]any, 70000)
	for i := range long {
		long[i] = int64(i % 5)
	}
	for _, tt := range []struct{ in, want any }{
		{nil, nil},
		{true, true},
		{int8(-100), int64(-100)},
		{int16(-30000), int64(-30000)},
		{int32(-2e9), int64(-2e9)},
		{int64(-9e18), int64(-9e18)},
		{-1, int64(-1)},
		{uint8(200), int64(200)},
		{uint16(60000), int64(60000)},
		{uint32(4e9), int64(4e9)},
		{uint64(1<<64 - 1), "18446744073709551615"},
		{float32(1.5), 1.5},
		{3.25, 3.25},
		{"Zoë", "Zoë"},
		{strings.Repeat("x", 300), strings.Repeat("x", 300)},
		{strings.Repeat("x", 70000), strings.Repeat("x", 70000)},
		{[]byte{0, 255}, "\x00\xff"},
		{when, "2026-01-02T03:04:05.0000006Z"},
		{time.Date(1900, 1, 1, 0, 0, 0, 1, time.UTC), "1900-01-01T00:00:00.000000001Z"},
		{long, long},
		{long[:20], long[:20]},
		{map[string]any{"a": map[int]string{-1: "x"}}, map[string]any{"a": map[string]any{"-1": "x"}}},
	} {
		data, err := msgpack.Marshal(tt.in)
		if err != nil {
			t.Fatal(err)
		}
		got, err := payload.DecodeMsgpack(data)
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%T: %.60v, %v; want %.60v", tt.in, got, err, tt.want)
		}
	}
	got, err := payload.DecodeMsgpack([]byte{0xd4, 5, 'x'})
	if got != "x" || err != nil {
		t.Errorf("an extension is %v, %v", got, err)
	}
}

// TestFlaskValues: all that Flask-Session put into one session.
func TestFlaskValues(t *testing.T) {
	flask := vectors(t, "flask-session")
	packed, err := payload.DecodeMsgpack(unbase64At(t, flask, "cases.0.row.data_base64"))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := payload.DecodeJSON(unbase64At(t, flask, "cases.1.row.data_base64"))
	if err != nil {
		t.Fatal(err)
	}
	// JSON has no time of its own; Flask wrote the one that was given as text.
	delete(packed.(map[string]any), "when")
	delete(plain.(map[string]any), "when")
	if !reflect.DeepEqual(packed, plain) {
		t.Errorf("msgpack has %v, JSON has %v", packed, plain)
	}
	if _, err := payload.DecodeMsgpack(unbase64At(t, flask, "legacy_pickle_data_base64")); err == nil {
		t.Error("a pickle was read")
	}
}

func FuzzDecodeMsgpack(f *testing.F) { fuzzCodec(f, "msgpack") }
