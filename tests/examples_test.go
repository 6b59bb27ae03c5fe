package tests

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
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

var caddyfileBlock = regexp.MustCompile("(?s)```caddyfile\n(.*?)```")

// Every Caddyfile in the README is valid, alone or as a part of a site.
func TestExamples_README(t *testing.T) {
	blocks := caddyfileBlock.FindAllStringSubmatch(readFile(t, "../README.md"), -1)
	if len(blocks) == 0 {
		t.Error("the README shows no Caddyfile")
	}
	for _, block := range blocks {
		text := strings.ReplaceAll(block[1], "<hash>", "$2a$04$8nHO.H0ZrrPCD1Fj0RSvl.1zKb4yvBvF7E8k6gM6T7wT4A9Zb4lHW")
		alone := adaptAndValidate(t, text)
		if !strings.HasPrefix(alone, "error: ") {
			continue
		}
		if got := adaptAndValidate(t, "http://readme.test {\n"+text+"}\n"); strings.HasPrefix(got, "error: ") {
			t.Errorf("alone: %s\nin a site: %s\n%s", alone, got, text)
		}
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
