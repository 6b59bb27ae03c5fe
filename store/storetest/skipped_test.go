package storetest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestSkip_IsListedByNameAndReason(t *testing.T) {
	whys, tests := skipped.whys, skipped.tests
	skipped.whys, skipped.tests = nil, nil
	defer func() { skipped.whys, skipped.tests = whys, tests }()
	for _, name := range []string{"one", "two"} {
		if !t.Run(name, func(t *testing.T) { Skip(t, "there is no pump") }) {
			t.Errorf("%s failed", name)
		}
	}
	skipped.add("TestOther", "there is no well")
	skipped.add("TestOther", "there is no well")
	var got strings.Builder
	skipped.report(&got)
	want := "skipped 2 of storetest: there is no pump: TestSkip_IsListedByNameAndReason/one, TestSkip_IsListedByNameAndReason/two\n" +
		"skipped 1 of storetest: there is no well: TestOther\n"
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
}

// No test skips by itself for what a machine lacks: it would not be listed.
func TestSkip_IsTheOnlyWay(t *testing.T) {
	direct := regexp.MustCompile(`\b(t|tb|b)\.Skip(f|Now)?\(.*`)
	var files []string
	for _, pattern := range []string{"../../*.go", "../../*/*.go", "../../*/*/*.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) < 100 {
		t.Fatal(len(files))
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range direct.FindAllString(string(text), -1) {
			if !strings.Contains(call, `"not in a short run"`) && filepath.Base(file) != "skipped.go" {
				t.Errorf("%s has %s; write storetest.Skip", file, call)
			}
		}
	}
}
