package payload_test

import (
	"slices"
	"testing"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

func TestCodecNames(t *testing.T) {
	names := payload.Names()
	if len(names) != len(payload.Codecs) || !slices.IsSorted(names) {
		t.Error(names)
	}
	if _, ok := payload.ByName("pickle"); ok {
		t.Error("there is a codec for pickle")
	}
}
