// Package vectortest has rows and cookies that other programs made, for the
// tests of this module. Each file of testdata is one program's; the README
// there says which version made it, and how.
//
// A test loads a file and finds values in it by the paths that configurations
// use:
//
//	tree := vectortest.Load(t, "django-5.2")
//	secret := vectortest.Text(t, tree, "secret_key")
//
// What is not there fails the test.
//
// To add a file, have the real program write a row and set a cookie, with a secret
// that you gave it, and keep both as they are, with the name and version of the
// program; where it cannot be run, derive them from its source and say so. A test
// that was made from what this module does would only show that it does that.
package vectortest

import (
	"embed"
	"encoding/base64"
	"encoding/hex"
	"path"
	"testing"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

//go:embed testdata/*.json
var files embed.FS

// Load reads a file, named without its folder and ending, as a tree of plain
// values.
func Load(tb testing.TB, name string) any {
	tb.Helper()
	data, err := files.ReadFile(path.Join("testdata", name+".json"))
	if err != nil {
		tb.Fatal(err)
	}
	tree, err := payload.DecodeJSON(data)
	if err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	return tree
}

// At finds a value that must be there.
func At(tb testing.TB, tree any, path string) any {
	tb.Helper()
	v, ok := payload.Find(tree, path)
	if !ok {
		tb.Fatalf("nothing at %s", path)
	}
	return v
}

// Text finds a text or a whole number that must be there.
func Text(tb testing.TB, tree any, path string) string {
	tb.Helper()
	s, ok := payload.TextOf(At(tb, tree, path))
	if !ok {
		tb.Fatalf("no text at %s", path)
	}
	return s
}

// Optional finds a text that may be there; without one it is empty.
func Optional(tree any, path string) string {
	v, _ := payload.Find(tree, path)
	s, _ := payload.TextOf(v)
	return s
}

// List finds a list that must be there.
func List(tb testing.TB, tree any, path string) []any {
	tb.Helper()
	l, ok := At(tb, tree, path).([]any)
	if !ok {
		tb.Fatalf("no list at %s", path)
	}
	return l
}

// Texts finds a list of texts that must be there.
func Texts(tb testing.TB, tree any, path string) []string {
	tb.Helper()
	l, ok := payload.ListOf(At(tb, tree, path))
	if !ok {
		tb.Fatalf("no texts at %s", path)
	}
	return l
}

// Bytes finds bytes that must be there, written in base64.
func Bytes(tb testing.TB, tree any, path string) []byte {
	tb.Helper()
	raw, err := base64.StdEncoding.DecodeString(Text(tb, tree, path))
	if err != nil {
		tb.Fatalf("%s: %v", path, err)
	}
	return raw
}

// Unhex reads hexadecimal digits.
func Unhex(tb testing.TB, digits string) []byte {
	tb.Helper()
	raw, err := hex.DecodeString(digits)
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}
