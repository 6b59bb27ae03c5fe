package headers

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestH6_WhatAnEncodingCanCarry(t *testing.T) {
	for _, c := range []struct {
		encoding, text, want string
		ok                   bool
	}{
		{"ascii", "a~", "a~", true},
		{"ascii", "a\u0080", "", false},
		{"ascii", "ÿ", "", false},
		{"latin1", "a~", "a~", true},
		{"latin1", "\u0080ÿ", "\x80\xff", true},
		{"latin1", "Ā", "", false},
		{"percent", "a b+ü", "a%20b%2B%C3%BC", true},
		{"base64url", "\xfb\xff", "-_8", true},
		{"utf8", "ü", "ü", true},
		{"", "ü", "ü", true},
	} {
		if got, ok := encodings[c.encoding](c.text); got != c.want || ok != c.ok {
			t.Errorf("%s of %q: %q, %v", c.encoding, c.text, got, ok)
		}
	}
}

// A value is a template that is read once; what users say is never read again.
func TestH7_HowTemplatesAreRead(t *testing.T) {
	claims := map[string]string{"email": "a@{x}", "k": "{http.session.user}"}
	id := Identity{User: "{env.HOME}", Claim: func(name string) ([]string, bool) { return []string{claims[name]}, false }}
	expand := func(placeholder string) string { return "<" + placeholder + ">" }
	for _, c := range []struct {
		template, want string
		dynamic        bool
	}{
		{"text", "text", false},
		{"{http.session.user}", "{env.HOME}", false},
		{"{http.auth.user.id}", "{env.HOME}", false},
		{"u:{http.session.user};{http.session.claims.email}!", "u:{env.HOME};a@{x}!", false},
		{"{http.auth.user.k}", "{http.session.user}", false},
		{"{http.request.host}", "<{http.request.host}>", true},
		{"a{http.session.status}b", "a<{http.session.status}>b", true},
		{"{http.session.user}{open", "{env.HOME}{open", false},
		{"a}b", "a}b", false},
		{"{", "{", false},
		{"}{", "}{", false},
	} {
		h, err := Parse("X-Test", c.template, "")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := h.Value(id, ",", expand); got != c.want || err != nil || h.IsDynamic() != c.dynamic {
			t.Errorf("%s: %q, %v, dynamic: %v", c.template, got, err, h.IsDynamic())
		}
	}
}

// Each of several parts may make a value that nobody can send.
func TestH6_WhatAHeaderCannotCarry(t *testing.T) {
	for _, c := range []struct {
		template, encoding, user, claim, other string
		want                                   error
	}{
		{"{http.session.user}", "", "a\nb", "", "", ErrRefused},
		{"{http.session.user}", "", " a", "", "", ErrRefused},
		{"{http.session.user}", "ascii", "ü", "", "", ErrRefused},
		{"{http.session.claims.x}{http.session.user}", "ascii", "a", "ü", "", ErrRefused},
		{"{http.session.claims.x}", "", "a", "b\x00", "", ErrCannotCarry},
		{"{http.session.claims.x}", "", "a", "b ", "", ErrCannotCarry},
		{"{http.session.claims.x}", "latin1", "a", "Ā", "", ErrCannotCarry},
		{"{http.request.header.x}", "ascii", "a", "", "ü", ErrCannotCarry},
		{"x{http.request.header.x}", "", "a", "", "b\r\nc", ErrCannotCarry},
		{"{http.session.claims.x}", "", "a", "", "", nil},
	} {
		h, err := Parse("X-Test", c.template, c.encoding)
		if err != nil {
			t.Fatal(err)
		}
		id := Identity{User: c.user, Claim: func(string) ([]string, bool) { return []string{c.claim}, false }}
		if got, err := h.Value(id, ",", func(string) string { return c.other }); got != "" || !errors.Is(err, c.want) {
			t.Errorf("%s as %q: %q, %v", c.template, c.encoding, got, err)
		}
	}
}

func TestParse_RefusesWhatCannotBeAHeader(t *testing.T) {
	for _, name := range []string{
		"Connection", "content-length", "Content-Type", "COOKIE", "Host", "Keep-Alive", "Set-Cookie", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
	} {
		if _, err := Parse(name, "x", ""); err == nil {
			t.Errorf("%s can be set", name)
		}
	}
	for encoding, value := range map[string]string{"rot13": "x", "": ""} {
		if _, err := Parse("X-Test", value, encoding); err == nil {
			t.Errorf("%q as %q", value, encoding)
		}
	}
}

// An own header takes the place of the set's, and each may stand once.
func TestNewPlan(t *testing.T) {
	own := func(names ...string) (headers []*Header) {
		for _, name := range names {
			h, err := Parse(name, "{http.session.user}!", "")
			if err != nil {
				t.Fatal(err)
			}
			headers = append(headers, h)
		}
		return headers
	}
	p, err := NewPlan("", own("remote-email", "X-Tenant"))
	if err != nil || p.Dynamic {
		t.Fatal(p, err)
	}
	id := Identity{User: "alice", Claim: func(name string) ([]string, bool) { return []string{name}, false }}
	values, err := p.Values(id, ",", nil, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	h, space := map[string][]string{}, make([]string, 0, 8)
	p.Set(h, values, space)
	got := fmt.Sprint(h)
	if want := "map[Remote-Email:[alice!] Remote-Groups:[groups] Remote-Name:[name] Remote-User:[alice] X-Tenant:[alice!]]"; got != want || len(p.headers) != 5 {
		t.Errorf("%s, of %d headers", got, len(p.headers))
	}
	h["Remote-User"][0] = "mallory" // in place, as a handler may
	if strings.Contains(strings.Join(values, ""), "mallory") {
		t.Error("another request gets it")
	}
	if _, err := NewPlan("", own("X-Tenant", "x-tenant")); err == nil {
		t.Error("one header can stand twice")
	}
	if _, err := NewPlan("unknown", nil); err == nil {
		t.Error("an unknown set")
	}
	for _, wrong := range []string{"remote.user", strings.Repeat("x", 65)} {
		p, err := NewPlan("", own(wrong))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Names(); err == nil {
			t.Errorf("%s can be managed", wrong)
		}
	}
}
