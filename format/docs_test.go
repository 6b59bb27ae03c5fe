package format_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/payload"
	"github.com/seed-11312c3d/caddy-session/format/preset"
)

// docs reads the page that explains formats.
func docs(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Every example in the documentation can be started with.
func TestDocumentedExamples(t *testing.T) {
	seen := map[string]bool{}
	for block := range strings.SplitSeq(docs(t), "```") {
		_, body, ok := strings.Cut(block, "format ")
		if !strings.HasPrefix(block, "caddyfile\n") || !ok || strings.Contains(block, "`") {
			continue
		}
		o, err := example(strings.Split(body, "\n"))
		if err != nil {
			t.Errorf("%v in\n%s", err, block)
			continue
		}
		for _, kind := range []string{"sqlite", "postgres", "mysql"} {
			switch _, err := open(o, kind); {
			case err == nil:
				seen[o.Name] = true
			case !strings.Contains(err.Error(), "it keeps no sessions in "+kind):
				t.Errorf("%v in\n%s", err, block)
			}
		}
	}
	for _, name := range preset.Names() {
		if !seen[name] {
			t.Errorf("%s has no example", name)
		}
	}
}

// example reads the lines after the word format, as Caddy would.
func example(lines []string) (format.Options, error) {
	o := format.Options{Name: strings.Fields(lines[0])[0]}
	block := ""
	for _, line := range lines[1:] {
		words := strings.Fields(strings.ReplaceAll(line, "{env.", "{env.some-secret-of-32-bytes-for-keys"))
		for i, word := range words {
			if strings.HasPrefix(word, "{env.") {
				words[i] = "0123456789abcdef0123456789abcdef"
			}
		}
		switch {
		case len(words) == 0 || words[0] == "}" && block == "":
			return o, nil
		case words[0] == "}":
			block = ""
			continue
		case words[len(words)-1] == "{":
			block = words[0]
			continue
		case block != "":
			words = append([]string{block}, words...)
		}
		if err := o.Set(words[0], words[1:]...); err != nil {
			return o, err
		}
	}
	return o, nil
}

// The grammar in the documentation is the one that is read.
func TestDocumentedGrammar(t *testing.T) {
	_, grammar, _ := strings.Cut(docs(t), "```\nformat <name> {\n")
	grammar, _, _ = strings.Cut(grammar, "```")
	var told []string
	for line := range strings.Lines(grammar) {
		word, ok := strings.CutPrefix(line, "\t")
		if !ok || strings.HasPrefix(word, "\t") || strings.HasPrefix(word, "}") {
			continue
		}
		told = append(told, strings.Fields(word)[0])
	}
	slices.Sort(told)
	if told = slices.Compact(told); !slices.Equal(told, format.WordNames()) {
		t.Errorf("told  %v\nknown %v", told, format.WordNames())
	}
	for _, name := range slices.Concat(format.StepNames(), payload.Names(), format.CheckNames) {
		if name = strings.TrimSuffix(name, "_hex"); !strings.Contains(docs(t), name) && !strings.HasPrefix(name, "sha512") {
			t.Errorf("%s is not told of", name)
		}
	}
}

// The maps in the package comments name every file.
func TestMapsAreComplete(t *testing.T) {
	for _, dir := range []string{".", "payload", "token"} {
		comment, err := os.ReadFile(filepath.Join(dir, "doc.go"))
		if err != nil {
			t.Fatal(err)
		}
		words := strings.Fields(string(comment))
		files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
		for _, file := range files {
			name := filepath.Base(file)
			if name != "doc.go" && !strings.HasSuffix(name, "_test.go") && !slices.Contains(words, name) {
				t.Errorf("%s is not in the map of %s/doc.go", name, dir)
			}
		}
	}
}
