package headers

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// Letters and digits are themselves in either case, everything else is one
// character: at the very ends of each range, too.
func TestH1_WhereTheFoldsRangesEnd(t *testing.T) {
	for _, c := range "abcdefghijklmnopqrstuvwxyz0123456789" {
		names := testNames(t, "X-"+strings.ToUpper(string(c)))
		if !names.Has("x_"+string(c)) || names.Has("X--") {
			t.Errorf("%q", c)
		}
	}
	names := testNames(t, "X--")
	for _, c := range "!#$%&'*+-.^_`|~/:@[{" {
		if !names.Has("X-" + string(c)) {
			t.Errorf("%q is not the same as a hyphen", c)
		}
	}
}

func TestH1_NamesHaveALength(t *testing.T) {
	longest := strings.Repeat("x", 64)
	names := testNames(t, "X", longest)
	for name, managed := range map[string]bool{"x": true, strings.ToUpper(longest): true, "": false, "xx": false, longest + "x": false, longest[1:]: false} {
		if names.Has(name) != managed {
			t.Errorf("%d bytes are managed: %v", len(name), !managed)
		}
	}
	for _, name := range []string{"", longest + "x", "a b"} {
		if err := new(Names).Add(name); err == nil {
			t.Errorf("%q is a name", name)
		}
	}
}

func TestH3_WhatIsLeftOfConnection(t *testing.T) {
	names := testNames(t, "Remote-User")
	for _, c := range []struct{ lines, want []string }{
		{[]string{"close, rEmOtE-uSeR"}, []string{"close"}},
		{[]string{"remote_user,,\tclose ", "X-Hop , Remote-User"}, []string{"close, X-Hop"}},
		{[]string{"Remote-User"}, nil},
		{[]string{"keep-alive ,\tX-Hop", "close"}, []string{"keep-alive ,\tX-Hop", "close"}}, // byte for byte
	} {
		r := &http.Request{Header: http.Header{"Connection": slices.Clone(c.lines)}}
		names.Strip(r)
		got, ok := r.Header["Connection"]
		if !slices.Equal(got, c.want) || ok != (c.want != nil) {
			t.Errorf("%q became %q", c.lines, got)
		}
	}
}

// atEnd is a body that has trailers when it has been read, as net/http's have.
type atEnd struct {
	io.Reader
	request *http.Request
}

func (b atEnd) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		b.request.Trailer = http.Header{"Remote_User": {"eve"}, "X-Sum": {"1"}}
	}
	return n, err
}

func (atEnd) Close() error { return nil }

func TestH4_TrailersAreStrippedWhenTheBodyEnds(t *testing.T) {
	names := testNames(t, "Remote-User")
	for name, c := range map[string]struct {
		length    int64
		announced http.Header
	}{
		"unannounced": {-1, nil},
		"announced":   {-1, http.Header{"Remote-User": nil, "X-Sum": nil}},
		"of HTTP/2":   {4, http.Header{"X-Sum": nil}},
	} {
		r := &http.Request{Header: http.Header{}, ContentLength: c.length, Trailer: c.announced}
		r.Body = atEnd{strings.NewReader("body"), r}
		names.Strip(r)
		if _, ok := r.Trailer["Remote-User"]; ok {
			t.Errorf("%s: it is still announced", name)
		}
		body, err := io.ReadAll(r.Body)
		if string(body) != "body" || err != nil || len(r.Trailer) != 1 || r.Trailer.Get("X-Sum") != "1" {
			t.Errorf("%s: %q, %v, and the trailers %v", name, body, err, r.Trailer)
		}
	}
}

// Handlers tell by its type that a request has no body, and servers copy one
// faster that nobody has wrapped.
func TestH4_ABodyWithoutTrailersStaysAsItIs(t *testing.T) {
	names := testNames(t, "Remote-User")
	plain := io.NopCloser(strings.NewReader("body"))
	for _, c := range []struct {
		body   io.ReadCloser
		length int64
	}{{nil, 0}, {nil, -1}, {http.NoBody, -1}, {http.NoBody, 0}, {plain, 4}, {plain, 0}} {
		r := &http.Request{Header: http.Header{}, Body: c.body, ContentLength: c.length}
		if names.Strip(r); r.Body != c.body {
			t.Errorf("%T of %d bytes became %T", c.body, c.length, r.Body)
		}
	}
}

func TestH4_WhatAnAnswerMayAnnounce(t *testing.T) {
	names := testNames(t, "Remote-User")
	for _, c := range []struct{ lines, want []string }{
		{[]string{"Remote-User, X-Sum", "set-cookie,X-More"}, []string{"X-Sum", "X-More"}},
		{[]string{"remote_user", "Set-Cookie"}, nil},
	} {
		h := http.Header{"Trailer": c.lines}
		FilterAnnounced(h, c.lines, names)
		got, ok := h["Trailer"]
		if !slices.Equal(got, c.want) || ok != (c.want != nil) {
			t.Errorf("%q became %q", c.lines, got)
		}
	}
}

// What a guard further out has set is not the client's.
func TestH1_HeadersOfAGuardBeforeStay(t *testing.T) {
	h := http.Header{"Remote-User": {"alice"}, "X_Tenant": {"eve"}, "Other": {"x"}}
	testNames(t, "Remote-User", "X-Tenant").Remove(h, testNames(t, "Remote-User"))
	if len(h) != 2 || h["Remote-User"] == nil || h["Other"] == nil {
		t.Error(h)
	}
}
