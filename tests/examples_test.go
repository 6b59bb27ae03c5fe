package tests

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
)

// The example Caddyfile adapts to the example in JSON, and both are valid.
func TestExamples_AdaptToEachOther(t *testing.T) {
	caddyfile := readFile(t, "../Caddyfile.example")
	got := adaptAndValidate(t, caddyfile)
	if strings.HasPrefix(got, "error: ") {
		t.Fatal(got)
	}
	var adapted, example any
	if err := json.Unmarshal([]byte(got), &adapted); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(readFile(t, "../caddy.json.example")), &example); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(adapted, example) {
		t.Errorf("Caddyfile.example adapts to\n%s", got)
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
