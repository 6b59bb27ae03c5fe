package cookies

import (
	"net/http"
	"slices"
	"testing"
)

func TestC4_WhatIsLeftOfCookieLines(t *testing.T) {
	ours := func(name, _ string) bool { return name == "sid" }
	for _, c := range []struct{ lines, want []string }{
		{[]string{"a=b; c=d"}, []string{"a=b; c=d"}},
		{[]string{"sid=1"}, nil},
		{[]string{"sid=1;sid=2"}, nil},
		{[]string{"sid=1;sid=2;sid=3"}, nil},
		{[]string{"sid=1;sid=2;a=b"}, []string{"a=b"}},
		{[]string{"sid=1; \ta=b;c=d;"}, []string{"a=b;c=d;"}},
		{[]string{"a=b;sid=1;c=d"}, []string{"a=b;c=d"}},
		{[]string{"a=b; sid=1; c=d;sid=2;  e=f"}, []string{"a=b; c=d;  e=f"}},
		{[]string{"a=b;c=d;sid=1"}, []string{"a=b;c=d"}},
		{[]string{"a=b", "sid=1", "c=d"}, []string{"a=b", "c=d"}},
		{[]string{"sid=1", "sid=2"}, nil},
		{[]string{"a=b;;sid=1;;"}, []string{"a=b;;;"}},
	} {
		h := http.Header{"Cookie": slices.Clone(c.lines)}
		RemoveIfAny(h, ours)
		got, ok := h["Cookie"]
		if !slices.Equal(got, c.want) || ok != (c.want != nil) {
			t.Errorf("%q became %q", c.lines, got)
		}
	}
	h := http.Header{}
	if Remove(h, ours); len(h) != 0 {
		t.Error(h)
	}
}

func TestC5_WhatIsLeftOfSetCookieLines(t *testing.T) {
	ours := func(name, value string) bool { return name == "sid" || value == "token" }
	for _, c := range []struct{ lines, mine, want []string }{
		{[]string{"sid=1; Path=/", "a=b"}, nil, []string{"a=b"}},
		{[]string{"=sid=1", " sid=2", "a= token ; Path=/"}, nil, nil},
		{[]string{"sid=1", "sid=2"}, []string{"sid=2"}, []string{"sid=2"}},
	} {
		h := http.Header{"Set-Cookie": slices.Clone(c.lines)}
		FilterSetCookies(h, "Set-Cookie", c.mine, ours)
		got, ok := h["Set-Cookie"]
		if !slices.Equal(got, c.want) || ok != (c.want != nil) {
			t.Errorf("%q became %q", c.lines, got)
		}
	}
}
