package token

import (
	"encoding/hex"
	"reflect"
	"slices"
	"testing"
)

func TestDjangoRows(t *testing.T) {
	django := vectors(t, "django-5.2")
	secret := text(t, django, "secret_key")
	current, err := DjangoCodec([]string{"new secret", secret})
	if err != nil {
		t.Fatal(err)
	}
	other, _ := DjangoCodec([]string{"another secret"})
	for _, c := range list(t, django, "cases") {
		name, data := text(t, c, "name"), []byte(text(t, c, "row.session_data"))
		tree, err := current(data)
		switch name {
		case "tampered-signature", "pickle-serializer":
			if err == nil {
				t.Errorf("%s was read", name)
			}
			continue
		}
		if want := at(t, c, "decoded"); err != nil || !reflect.DeepEqual(tree, want) {
			t.Errorf("%s: %v, %v; want %v", name, tree, err, want)
		}
		if _, err := other(data); err == nil {
			t.Errorf("%s: another secret read it", name)
		}
	}
}

func TestDjangoLegacyRow(t *testing.T) {
	legacy := vectors(t, "django-3.2-legacy")
	secrets := []string{text(t, legacy, "secret_key")}
	current, _ := DjangoCodec(secrets)
	other, _ := DjangoCodec([]string{"another secret"})
	for _, form := range []string{"legacy", "new"} {
		data := []byte(text(t, legacy, form+"_session_data"))
		tree, err := current(data)
		if want := at(t, legacy, form+"_decoded"); err != nil || !reflect.DeepEqual(tree, want) {
			t.Errorf("%s: %v, %v", form, tree, err)
		}
		if _, err := other(data); err == nil {
			t.Errorf("%s: another secret read it", form)
		}
		// Both hashes are of the password that the vectors name.
		password, hash := text(t, legacy, "password_field"), optional(tree, "_auth_user_hash")
		if !DjangoAuthHashMatches(secrets, password, hash) {
			t.Errorf("%s: the hash is of another password", form)
		}
	}
}

// TestDjangoTampered: one changed byte, anywhere, and the row is refused.
func TestDjangoTampered(t *testing.T) {
	django := vectors(t, "django-5.2")
	codec, _ := DjangoCodec([]string{text(t, django, "secret_key")})
	data := []byte(text(t, django, "cases.0.row.session_data"))
	for i := range data {
		changed := slices.Clone(data)
		changed[i] ^= 1
		if _, err := codec(changed); err == nil {
			t.Errorf("byte %d may change", i)
		}
		if _, err := codec(data[:i]); err == nil {
			t.Errorf("the first %d bytes suffice", i)
		}
	}
	if _, err := DjangoCodec([]string{""}); err == nil {
		t.Error("an empty secret was taken")
	}
}

func TestDjangoAuthHash(t *testing.T) {
	for _, c := range list(t, vectors(t, "django-5.2"), "session_auth_hash") {
		password, secret, hash := text(t, c, "password_field"), text(t, c, "secret"), text(t, c, "expect")
		for _, tt := range []struct {
			secrets        []string
			password, hash string
			want           bool
		}{
			{[]string{secret}, password, hash, true},
			{[]string{"new secret", secret}, password, hash, true},
			{[]string{"new secret"}, password, hash, false},
			{[]string{secret}, password + "x", hash, false},
			{[]string{secret}, password, hash[1:], false},
			{[]string{secret}, password, "", false},
			{nil, password, hash, false},
			{[]string{""}, password, djangoHashOf("", password), false}, // which anybody can make
			{[]string{secret}, password, djangoHashOf(secret, password), true},
		} {
			if got := DjangoAuthHashMatches(tt.secrets, tt.password, tt.hash); got != tt.want {
				t.Errorf("%+v: %v", tt, got)
			}
		}
	}
}

// djangoHashOf is the hash of a password as Django makes it.
func djangoHashOf(secret, password string) string {
	newHash, key := djangoAuthKey(secret, 64)
	return hex.EncodeToString(sum(newHash, key, password))
}
