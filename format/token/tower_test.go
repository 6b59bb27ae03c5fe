package token

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
)

// TestCookieRS: cookies that cookie-rs' own tests have, and the key of a secret.
func TestCookieRS(t *testing.T) {
	upstream := at(t, vectors(t, "upstream"), "cookie_rs")
	key := must[[]byte](t)(deriveTowerKey(unhex(t, text(t, upstream, "master_hex"))))
	open := must[Opener](t)(OpenTowerSigned([][]byte{key}))
	if got, err := open(text(t, upstream, "signed"), vectorsMade); err != nil || got != text(t, upstream, "value") {
		t.Errorf("signed: %q, %v", got, err)
	}
	for name, value := range at(t, upstream, "private").(map[string]any) {
		open := must[Opener](t)(OpenTowerPrivate([][]byte{key}, name))
		if got, err := open(value.(string), vectorsMade); err != nil || got != text(t, upstream, "value") {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := deriveTowerKey(make([]byte, 31)); err == nil {
		t.Error("a secret of 31 bytes was taken")
	}
}

// TestTowerKeys: bytes are the key, from: cuts it, and a text is derived from.
func TestTowerKeys(t *testing.T) {
	long, derived := strings.Repeat("k", 70), must[[]byte](t)(deriveTowerKey([]byte(strings.Repeat("k", 70))))
	for secret, want := range map[string][]byte{
		long:                              derived,
		"from:" + long:                    []byte(long[:64]),
		"from:" + long[:64]:               []byte(long[:64]),
		"from:" + long[:65]:               []byte(long[:64]),
		"from:" + long[:63]:               []byte(long[:63]), // which no cookie is opened with
		"hex:" + strings.Repeat("6b", 64): []byte(long[:64]),
		"hex:" + strings.Repeat("6b", 65): []byte(long[:65]), // which no cookie is opened with
	} {
		if key, err := parseTowerKey(secret); !bytes.Equal(key, want) || err != nil {
			t.Errorf("%.8s: %q, %v", secret, key, err)
		}
	}
	for _, secret := range []string{"short", "hex:zz"} {
		if _, err := parseTowerKey(secret); err == nil {
			t.Errorf("%q was taken", secret)
		}
	}
}

// TestTowerSigned_NothingIsNoID: a signature with nothing behind it.
func TestTowerSigned_NothingIsNoID(t *testing.T) {
	key := bytes.Repeat([]byte("k"), 64)
	open := must[Opener](t)(OpenTowerSigned([][]byte{key}))
	sign := func(plain string) string {
		return base64.StdEncoding.EncodeToString(sum(sha256.New, key[:32], plain)) + plain
	}
	if got, err := open(sign("i"), vectorsMade); got != "i" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	for _, value := range []string{sign(""), "", sign("i")[1:]} {
		if got, err := open(value, vectorsMade); err != ErrBad {
			t.Errorf("%q: %q, %v", value, got, err)
		}
	}
}
