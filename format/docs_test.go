package format

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/seed-11312c3d/caddy-session/format/payload"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
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
			if p := presets[o.Name]; len(p.dialects) > 0 && !slices.Contains(p.dialects, sqltext.Dialect(kind)) {
				continue
			}
			if _, err := New(o, kind, noQuery); err != nil {
				t.Errorf("%v in\n%s", err, block)
			}
		}
		seen[o.Name] = true
	}
	for _, name := range Presets() {
		if !seen[name] {
			t.Errorf("%s has no example", name)
		}
	}
}

// example reads the lines after the word format, as Caddy would.
func example(lines []string) (Options, error) {
	o := Options{Name: strings.Fields(lines[0])[0]}
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
	if told = slices.Compact(told); !slices.Equal(told, Words()) {
		t.Errorf("told  %v\nknown %v", told, Words())
	}
	for _, name := range slices.Concat(StepNames(), payload.Names(), guardNames) {
		if name = strings.TrimSuffix(name, "_hex"); !strings.Contains(docs(t), name) && !strings.HasPrefix(name, "sha512") {
			t.Errorf("%s is not told of", name)
		}
	}
}
