package format

import (
	"math"
	"reflect"
	"slices"
	"testing"
)

// TestJSONNumbers: an id keeps its digits.
func TestJSONNumbers(t *testing.T) {
	for data, want := range map[string]any{
		"1000000": int64(1000000), "9007199254740993": int64(9007199254740993), "-0": int64(0),
		"18446744073709551615": "18446744073709551615", "1.5": 1.5, "1e6": 1e6,
		`{"a":1,"a":2}`: map[string]any{"a": int64(2)}, `"\"[[{,"`: `"[[{,`,
	} {
		got, err := DecodeJSON([]byte(data))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, %v; want %#v", data, got, err, want)
		}
	}
}

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
		} {
			if got := DjangoAuthHashMatches(tt.secrets, tt.password, tt.hash); got != tt.want {
				t.Errorf("%+v: %v", tt, got)
			}
		}
	}
}

func TestPath(t *testing.T) {
	tree := map[string]any{
		"a":    []any{int64(1), map[string]any{"b": "x"}},
		"a.b":  "dotted",
		"":     "empty",
		"php":  `a:1:{s:1:"k";s:10:"[{"id":7}]";}`,
		"null": nil,
		"7":    map[string]any{"1": "seven"},
	}
	for path, want := range map[string]any{
		"": tree, "a.0": int64(1), "a.1.b": "x", `"a.b"`: "dotted", `""`: "empty", "null": nil,
		"php|php.k|json.0.id": int64(7), `"7".1`: "seven", "7.1": "seven",
	} {
		if got, ok := Path(tree, path); !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v", path, got, ok)
		}
	}
	for _, path := range []string{"b", "a.2", "a.-1", "a.00", "a.+1", "a.b", "null.x", "a|php", "7|json", "php|json", "a.0.0"} {
		if got, ok := Path(tree, path); ok {
			t.Errorf("%s: %v", path, got)
		}
	}
	for _, path := range []string{".a", "a.", "a..b", `"a`, `"a"b`, "a|", "a|pickle", "."} {
		if _, err := ParsePath(path); err == nil {
			t.Errorf("%s is a path", path)
		}
	}
}

func TestTextOf(t *testing.T) {
	for _, tt := range []struct {
		in   any
		want string
		ok   bool
	}{
		{"x", "x", true},
		{"", "", true},
		{int64(-5), "-5", true},
		{1e6, "1000000", true},
		{1.5, "", false},
		{1e300, "", false},
		{math.Inf(1), "", false},
		{math.NaN(), "", false},
		{true, "", false},
		{false, "", false},
		{nil, "", false},
		{[]any{}, "", false},
	} {
		if got, ok := TextOf(tt.in); got != tt.want || ok != tt.ok {
			t.Errorf("%v: %q, %v", tt.in, got, ok)
		}
	}
}

func TestListOf(t *testing.T) {
	for _, tt := range []struct {
		in   any
		want []string
		ok   bool
	}{
		{[]any{"a", int64(2)}, []string{"a", "2"}, true},
		{[]any{}, []string{}, true},
		{"a", []string{"a"}, true},
		{map[string]any{"10": "c", "2": "b", "0": "a"}, []string{"a", "b", "c"}, true},
		{map[string]any{"admin": true}, nil, false},
		{[]any{"a", nil}, nil, false},
		{nil, nil, false},
		{false, nil, false},
	} {
		if got, ok := ListOf(tt.in); !slices.Equal(got, tt.want) || ok != tt.ok {
			t.Errorf("%v: %q, %v", tt.in, got, ok)
		}
	}
}

func TestCodecNames(t *testing.T) {
	names := CodecNames()
	if len(names) != len(codecs) || !slices.IsSorted(names) {
		t.Error(names)
	}
	if _, ok := CodecByName("pickle"); ok {
		t.Error("there is a codec for pickle")
	}
}
