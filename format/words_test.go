package format

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
)

// A Caddyfile and JSON have the same words.
func TestWordsAndJSONAreTheSame(t *testing.T) {
	o := Options{Name: "custom"}
	for _, line := range []string{
		"variant v", "cookie c", "cookie_else d", "key_type text", "schema s", "table_prefix p_", "table t", "query q", "user_query u", "expires since", "expires_unit unix",
		"codec json", "payload_key id", "user_type any", "secret one two", "credentials remember_* *_k", "secret three", "user a b", "guards g", "token sha256_hex", "token prefix 2::",
		"max_age 14d", "lifetime 90m", "insecure_unsigned", "revocable", "columns key sid", "columns name off", "claims email mail", "require mfa", "require role a b",
		"users people", "users key no", "users key_type int", "users email mail",
	} {
		words := strings.Fields(line)
		if err := o.Set(words[0], words[1:]...); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	data, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	var again Options
	if err := json.Unmarshal(data, &again); err != nil {
		t.Fatal(err)
	}
	o.Require[0].Values = nil // none and empty are one
	if !reflect.DeepEqual(o, again) {
		t.Errorf("%s\n%+v\n%+v", data, o, again)
	}
	var fields map[string]any
	_ = json.Unmarshal(data, &fields)
	for _, name := range wordNames() {
		if _, ok := fields[name]; !ok {
			t.Errorf("%s is not a field in JSON", name)
		}
	}
	delete(fields, "name") // the word after format
	if all := reflect.TypeFor[Options]().NumField() - 1; len(fields) != len(wordNames()) || len(fields) != all {
		t.Errorf("%d words, %d fields of JSON, %d of Go", len(wordNames()), len(fields), all)
	}
}

func TestWordErrors(t *testing.T) {
	for _, line := range []string{"nonsense x", "table", "table a b", "revocable yes", "max_age soon", "max_age -1h", "columns key", "columns key a b", "require", "users a b c", "token", "secret"} {
		var o Options
		words := strings.Fields(line)
		if err := o.Set(words[0], words[1:]...); err == nil || !strings.Contains(err.Error(), words[0]) {
			t.Errorf("%s: %v", line, err)
		}
	}
	for _, line := range []string{"table a", "revocable", "max_age 1h", "columns key a", "require x 1", "users a", "users key a", "users email a"} {
		var o Options
		words := strings.Fields(line)
		if err := errors.Join(o.Set(words[0], words[1:]...)); err != nil {
			t.Error(err)
		}
		if err := o.Set(words[0], words[1:]...); err == nil {
			t.Errorf("%s is accepted twice", line)
		}
	}
}
