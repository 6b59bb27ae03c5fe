package payload_test

import (
	"bytes"
	"encoding/gob"
	"reflect"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

type gobUser struct {
	ID     uint64
	Name   string
	Tags   []string
	Scores [3]int8
	Seen   time.Time
	Next   *gobUser
	Any    any
	Table  map[int]gobKey
	Ratio  float32
	Wave   complex128
	Raw    []byte
	Yes    bool
}

type gobKey struct{ X, Y int }

// TestGobAgreesWithItsLibrary: kinds that a program can put into a session.
func TestGobAgreesWithItsLibrary(t *testing.T) {
	gob.RegisterName("format_test.gobKey", gobKey{})
	when := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	for _, tt := range []struct {
		in   any
		want any
	}{
		{"text", "text"},
		{-300, int64(-300)},
		{[]int{1, 2}, []any{int64(1), int64(2)}},
		{when, "2026-01-02T03:04:05.000000006Z"},
		{map[any]any{"uid": int64(3), 5: "x"}, map[string]any{"uid": int64(3), "5": "x"}},
		{map[string]any{"k": gobKey{1, -2}, "n": 7}, map[string]any{
			"k": map[string]any{"X": int64(1), "Y": int64(-2)}, "n": int64(7),
		}},
		{
			gobUser{
				ID: 1<<64 - 1, Name: "Zoë", Tags: []string{"a"}, Scores: [3]int8{1, 0, -1}, Seen: when,
				Next: &gobUser{Name: "next"}, Any: gobKey{Y: 4}, Table: map[int]gobKey{-1: {X: 9}},
				Ratio: 0.5, Wave: complex(1, 2), Raw: []byte{0}, Yes: true,
			},
			map[string]any{
				"ID": "18446744073709551615", "Name": "Zoë", "Tags": []any{"a"},
				"Scores": []any{int64(1), int64(0), int64(-1)}, "Seen": "2026-01-02T03:04:05.000000006Z",
				"Next": map[string]any{"Name": "next", "Scores": []any{int64(0), int64(0), int64(0)}},
				"Any":  map[string]any{"Y": int64(4)}, "Table": map[string]any{"-1": map[string]any{"X": int64(9)}},
				"Ratio": 0.5, "Wave": []any{1.0, 2.0}, "Raw": "\x00", "Yes": true,
			},
		},
	} {
		var data bytes.Buffer
		if err := gob.NewEncoder(&data).Encode(tt.in); err != nil {
			t.Fatal(err)
		}
		got, err := payload.DecodeGob(data.Bytes())
		if err != nil {
			t.Errorf("%T: %v", tt.in, err)
			continue
		}
		for key, want := range asMap(tt.want) {
			if have := asMap(got)[key]; !reflect.DeepEqual(have, want) {
				t.Errorf("%T: %s is %#v, want %#v", tt.in, key, have, want)
			}
		}
	}
}

func asMap(v any) map[string]any {
	if m, ok := v.(map[string]any); ok {
		return m
	}
	return map[string]any{"": v}
}

// TestSCSDeadline: a session of scs has a time of its own, and other values.
func TestSCSDeadline(t *testing.T) {
	tree, err := payload.DecodeGob(unbase64At(t, vectors(t, "scs-hash-false"), "row.data_base64"))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"Deadline": "2026-11-24T01:30:46.235020806Z", "Values.email": "alice@example.com",
		"Values.b": "\x01\x02", "Values.f": "", "Values.roles": "admin,ops", "Values.t": "2023-11-14T22:13:20Z",
	} {
		if got := optional(tree, path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
}

func FuzzDecodeGob(f *testing.F) { fuzzCodec(f, "gob") }
