package headers

import (
	"net/http"
	"slices"
	"testing"
)

func TestD5_OnlyPasswordsAreTakenOut(t *testing.T) {
	for _, c := range []struct{ lines, want []string }{
		{[]string{"Basic YTpi"}, nil},
		{[]string{" \tbASIC YTpi", "Bearer x", "Basic"}, []string{"Bearer x"}},
		{[]string{"Bearer Basic"}, []string{"Bearer Basic"}},
		{[]string{"Basically x"}, []string{"Basically x"}},
		{[]string{}, []string{}},
		{nil, nil},
	} {
		h := http.Header{}
		if c.lines != nil {
			h["Authorization"] = slices.Clone(c.lines)
		}
		if HasBasic(h) != !slices.Equal(c.lines, c.want) {
			t.Errorf("%q has a password: %v", c.lines, HasBasic(h))
		}
		before := h["Authorization"]
		DropBasic(h)
		got, ok := h["Authorization"]
		if !slices.Equal(got, c.want) || ok != (c.want != nil) || !slices.Equal(before, c.lines) {
			t.Errorf("%q became %q", c.lines, got)
		}
	}
}
