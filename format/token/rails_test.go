package token

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"testing"
)

// railsCookie signs a body as Rails does with load_defaults of 7.0.
func railsCookie(t *testing.T, secret, body string) string {
	keys := must[[][]byte](t)(stretch(sha256.New, []string{secret}, "signed cookie", 64))
	encoded := base64.StdEncoding.EncodeToString([]byte(body))
	return encoded + "--" + hex.EncodeToString(sum(sha1.New, keys[0], encoded))
}

// TestRailsEnvelope: a value that is signed may still be for another cookie,
// or too old, or no value at all.
func TestRailsEnvelope(t *testing.T) {
	const secret = "secret"
	strict := must[Opener](t)(Rails{Secrets: []string{secret}, Cookie: "token"}.Opener())
	loose := must[Opener](t)(Rails{Secrets: []string{secret}, Cookie: "token", AnyPurpose: true}.Opener())
	for _, tt := range []struct{ name, body, strict, loose string }{
		{"good", `{"_rails":{"message":"ImEi","exp":null,"pur":"cookie.token"}}`, "a", "a"},
		{"integer", `{"_rails":{"message":"Nw==","exp":null,"pur":"cookie.token"}}`, "7", "7"},
		{"other cookie", `{"_rails":{"message":"ImEi","exp":null,"pur":"cookie.other"}}`, "", ""},
		{"no purpose", `{"_rails":{"message":"ImEi","exp":null,"pur":null}}`, "", "a"},
		{"purpose of another type", `{"_rails":{"message":"ImEi","pur":["cookie.token"]}}`, "", ""},
		{"not expired", `{"_rails":{"message":"ImEi","exp":"2026-11-24T00:00:00.001Z","pur":"cookie.token"}}`, "a", "a"},
		{"expired", `{"_rails":{"message":"ImEi","exp":"2026-11-24T00:00:00.000Z","pur":"cookie.token"}}`, "", ""},
		{"expiry is no time", `{"_rails":{"message":"ImEi","exp":5,"pur":"cookie.token"}}`, "", ""},
		{"null", `{"_rails":{"message":"bnVsbA==","exp":null,"pur":"cookie.token"}}`, "", ""},
		{"float", `{"_rails":{"message":"MS41","exp":null,"pur":"cookie.token"}}`, "", ""},
		{"no message", `{"_rails":{"exp":null,"pur":"cookie.token"}}`, "", ""},
		{"message is no base64", `{"_rails":{"message":"!","exp":null,"pur":"cookie.token"}}`, "", ""},
		{"message is no value", `{"_rails":{"message":"IQ==","exp":null,"pur":"cookie.token"}}`, "", ""},
		{"envelope is no map", `{"_rails":[]}`, "", ""},
		{"no envelope", `"a"`, "", "a"},
		{"no envelope, marshal", "\x04\x08i\x06", "", "1"},
		{"map without envelope", `{"a":1}`, "", ""},
	} {
		value := railsCookie(t, secret, tt.body)
		if got, err := strict(value, vectorsMade); got != tt.strict || (err == nil) != (tt.strict != "") {
			t.Errorf("%s: %q, %v", tt.name, got, err)
		}
		if got, err := loose(value, vectorsMade); got != tt.loose || (err == nil) != (tt.loose != "") {
			t.Errorf("%s, any purpose: %q, %v", tt.name, got, err)
		}
	}
	keys := must[[][]byte](t)(stretch(sha256.New, []string{secret}, "signed cookie", 64))
	if got, err := loose("!--"+hex.EncodeToString(sum(sha1.New, keys[0], "!")), vectorsMade); got != "" || err != ErrBad {
		t.Errorf("no base64: %q, %v", got, err)
	}
	salted := must[Opener](t)(Rails{Secrets: []string{secret}, Cookie: "token", Salt: "other"}.Opener())
	if got, err := salted(railsCookie(t, secret, `{"_rails":{"message":"ImEi","exp":null,"pur":"cookie.token"}}`), vectorsMade); got != "" || err != ErrBad {
		t.Errorf("another salt: %q, %v", got, err)
	}
	for _, digest := range []Rails{{KeyDigest: "md5"}, {Digest: "md5"}} {
		digest.Secrets = []string{secret}
		if _, err := digest.Opener(); err == nil {
			t.Error("md5 was taken")
		}
	}
}
