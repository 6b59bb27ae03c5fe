package token

import (
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
