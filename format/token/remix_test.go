package token

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

// TestRemix_WhatIsNoID: the signature is good, and nobody is in it.
func TestRemix_WhatIsNoID(t *testing.T) {
	open := must[Opener](t)(OpenRemix([]string{"secret"}))
	sign := func(body string) string { return body + "." + remixSignature(body, "secret") }
	encode := base64.StdEncoding.EncodeToString
	if got, err := open(sign(encode([]byte(`"id"`))), vectorsMade); got != "id" || err != nil {
		t.Fatalf("%q, %v", got, err)
	}
	for name, value := range map[string]string{
		"a number":         sign(encode([]byte("1"))),
		"no JSON":          sign(encode([]byte(`"id`))),
		"more than an id":  sign(encode([]byte(`"id" "id"`))),
		"no base64":        sign("!"),
		"another spelling": sign(strings.TrimRight(encode([]byte(`"id"`)), "=")),
		"no signature":     encode([]byte(`"id"`)),
	} {
		if got, err := open(value, vectorsMade); got != "" || err != ErrBad {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// TestAuthjs: a cookie of the strategy jwt is told from a key, with the remedy.
func TestAuthjs(t *testing.T) {
	if got, err := OpenAuthjs("key", vectorsMade); got != "key" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	for _, value := range []string{"a.b", "eyJ.x.y.z.t"} {
		if got, err := OpenAuthjs(value, vectorsMade); got != "" || !errors.Is(err, ErrBad) || !strings.Contains(err.Error(), "session.strategy") {
			t.Errorf("%q, %v", got, err)
		}
	}
}
