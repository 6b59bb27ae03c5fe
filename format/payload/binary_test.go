package payload_test

import (
	"bytes"
	"encoding/gob"
	"encoding/hex"
	"math"
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

// TestTowerRecords: the rows of tower-sessions, with id and expiry.
func TestTowerRecords(t *testing.T) {
	for _, row := range list(t, vectors(t, "tower"), "rows") {
		record, err := payload.ParseTowerRecord(unhex(t, text(t, row, "hex")))
		if err != nil {
			t.Fatal(err)
		}
		if record.Key() != text(t, row, "id") {
			t.Errorf("id is %s, want %s", record.Key(), text(t, row, "id"))
		}
		if payload.Moment(record.Expiry) != text(t, row, "expiry") {
			t.Errorf("expiry is %v, want %s", record.Expiry, text(t, row, "expiry"))
		}
		if want := at(t, row, "data"); !reflect.DeepEqual(any(record.Data), want) {
			t.Errorf("data is %v, want %v", record.Data, want)
		}
	}
}

// TestTowerForms: blobs that differ from the first row in one place.
func TestTowerForms(t *testing.T) {
	const id, expiry = "c4100f0e0d0c0b0a09080706050403020100", "99cd07ee02030405ce075bcd15000000"
	const data = "81a7757365725f6964a7" + "75736572313233"
	for _, tt := range []struct{ name, blob, user string }{
		{"wide headers", "dc0003" + id + "de0001a7757365725f6964a775736572313233" + expiry, "user123"},
		{"the last of two users", "93" + id + "82a7757365725f6964a161a7757365725f6964a162" + expiry, "b"},
		{"an offset", "93" + id + data + "99cd07ee02030405ce075bcd15010000", "user123"},
		{"a map outside", "83" + id + data + expiry + "c0c0c0", ""},
		{"an id of 15 bytes", "93c40f0f0e0d0c0b0a090807060504030201" + data + expiry, ""},
		{"an id that is a number", "9301" + data + expiry, ""},
		{"data that is a list", "93" + id + "90" + expiry, ""},
		{"no expiry", "92" + id + data, ""},
		{"a fourth part", "94" + id + data + expiry + "c0", ""},
		{"the 400th day", "93" + id + data + "99cd07eecd019003040500000000", ""},
		{"a text as year", "93" + id + data + "99a16102030405ce075bcd15000000", ""},
		{"a user that is not UTF-8", "93" + id + "81a7757365725f6964a1ff" + expiry, ""},
		{"a text of 10 MB", "93" + id + "81a7757365725f6964db00989680" + expiry, ""},
		{"5000 levels", "93" + id + "81a7757365725f6964" + strings.Repeat("91", 5000) + "c0" + expiry, ""},
		{"trailing bytes", "93" + id + data + expiry + "00", ""},
	} {
		blob, err := hex.DecodeString(tt.blob)
		if err != nil {
			t.Fatal(tt.name, err)
		}
		tree, err := payload.DecodeTower(blob)
		if (err == nil) != (tt.user != "") || optional(tree, "user_id") != tt.user {
			t.Errorf("%s: %v, %v", tt.name, tree, err)
		}
	}
	moved, _ := payload.ParseTowerRecord(unhex(t, "93"+id+data+"99cd07ee02030405ce075bcd15010000"))
	if got := payload.Moment(moved.Expiry); got != "2030-01-02T02:04:05.123456789Z" {
		t.Errorf("an hour east, expiry is %s", got)
	}
}

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
		"\x83n\x08\x01\xff\xff\xff\xff\xff\xff\xff\xff": "-18446744073709551615",
		"\x83t\x00\x00\x00\x01a\x05a\x06":               map[string]any{"5": int64(6)},
	} {
		got, err := payload.DecodeETF([]byte(data))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %#v, %v", data, got, err)
		}
	}
}

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
