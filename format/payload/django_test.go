package payload_test

import (
	"testing"
)

func FuzzDecodeDjango(f *testing.F) { fuzzCodec(f, "django") }
