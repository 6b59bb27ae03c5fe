package payload_test

import (
	"encoding/hex"
	"reflect"
	"strings"
	"testing"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

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

func FuzzDecodeTower(f *testing.F) { fuzzCodec(f, "tower") }
