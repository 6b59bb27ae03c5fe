package payload_test

import (
	"testing"
)

func FuzzBase64PHP(f *testing.F) { fuzzCodec(f, "base64_php") }
