package token

import (
	"testing"
)

// TestDeviseSalt: a new password ends the sessions of the old one.
func TestDeviseSalt(t *testing.T) {
	salt := text(t, vectors(t, "rails-7.2-json"), `ar_decoded."warden.user.user.key".1`)
	for password, want := range map[string]bool{
		salt + "0123456789012345678901234567890": true, salt + "0": true, salt: false, "": false,
		"$2a$12$zzzzzzzzzzzzzzzzzzzzzz0123456789012345678901234567890": false,
	} {
		if got := DeviseSaltMatches(salt, password); got != want {
			t.Errorf("%s: %v", password, got)
		}
	}
	if DeviseSaltMatches("", "") {
		t.Error("nothing matches nothing")
	}
}
