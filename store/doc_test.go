package store

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The map in the package comment names every file.
func TestMapIsComplete(t *testing.T) {
	comment, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	words := strings.FieldsFunc(string(comment), func(r rune) bool { return strings.ContainsRune(" \n\t,;:", r) })
	files, _ := filepath.Glob("*.go")
	for _, file := range files {
		if file != "doc.go" && !strings.HasSuffix(file, "_test.go") && !slices.Contains(words, file) {
			t.Errorf("%s is not in the map", file)
		}
	}
	for _, word := range words {
		if strings.HasSuffix(word, ".go") && !slices.Contains(files, word) {
			t.Errorf("%s is in the map, and is not there", word)
		}
	}
}
