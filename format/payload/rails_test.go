package payload_test

import (
	"testing"
)

func FuzzDecodeRails(f *testing.F) { fuzzCodec(f, "rails") }
