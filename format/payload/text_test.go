package payload_test

import (
	"math"
	"slices"
	"testing"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

func TestTextOf(t *testing.T) {
	for _, tt := range []struct {
		in   any
		want string
		ok   bool
	}{
		{"x", "x", true},
		{"", "", true},
		{int64(-5), "-5", true},
		{1e6, "1000000", true},
		{1.5, "", false},
		{1e300, "", false},
		{math.Inf(1), "", false},
		{math.NaN(), "", false},
		{true, "", false},
		{false, "", false},
		{nil, "", false},
		{[]any{}, "", false},
	} {
		if got, ok := payload.TextOf(tt.in); got != tt.want || ok != tt.ok {
			t.Errorf("%v: %q, %v", tt.in, got, ok)
		}
	}
}

func TestListOf(t *testing.T) {
	for _, tt := range []struct {
		in   any
		want []string
		ok   bool
	}{
		{[]any{"a", int64(2)}, []string{"a", "2"}, true},
		{[]any{}, []string{}, true},
		{"a", []string{"a"}, true},
		{map[string]any{"10": "c", "2": "b", "0": "a"}, []string{"a", "b", "c"}, true},
		{map[string]any{"admin": true}, nil, false},
		{[]any{"a", nil}, nil, false},
		{nil, nil, false},
		{false, nil, false},
	} {
		if got, ok := payload.ListOf(tt.in); !slices.Equal(got, tt.want) || ok != tt.ok {
			t.Errorf("%v: %q, %v", tt.in, got, ok)
		}
	}
}
