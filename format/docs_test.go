package format_test

import (
	"os"
	"path/filepath"
	"regexp"
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

// docRow is a program's row of the page's tables.
type docRow struct {
	name                               string
	databases, needs, variants, cookie []string
}

var codeSpan = regexp.MustCompile("`([^`]*)`")

// code lists what a cell has in backquotes.
func code(cell string) (spans []string) {
	for _, span := range codeSpan.FindAllStringSubmatch(cell, -1) {
		spans = append(spans, span[1])
	}
	return spans
}

// docTable reads the table under a heading: its rows, cell by cell.
func docTable(t *testing.T, heading string) (rows [][]string) {
	t.Helper()
	_, section, found := strings.Cut(docs(t), "\n## "+heading+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for line := range strings.Lines(section) {
		if cells := strings.Split(strings.TrimSpace(line), "|"); len(cells) > 3 && !strings.HasPrefix(line, "|---") {
			rows = append(rows, cells[1:len(cells)-1])
		}
	}
	if !found || len(rows) < 2 {
		t.Fatalf("there is no table under %s", heading)
	}
	return rows[1:]
}

func docPrograms(t *testing.T) (rows []docRow) {
	t.Helper()
	for _, cells := range docTable(t, "The programs") {
		kinds := strings.NewReplacer("PostgreSQL", "postgres", "SQLite", "sqlite", "MySQL", "mysql", ",", " ").Replace(cells[2])
		rows = append(rows, docRow{code(cells[1])[0], strings.Fields(kinds), code(cells[3]), code(cells[4]), code(cells[5])})
	}
	return rows
}

// start makes the format of some of the row's words.
func (r docRow) start(kind string, lines ...string) (*format.Foreign, error) {
	o := format.Options{Name: r.name}
	for _, line := range lines {
		words := strings.Fields(line)
		for i := range words {
			if strings.HasPrefix(words[i], "{env.") {
				words[i] = "0123456789abcdef0123456789abcdef"
			}
		}
		if err := o.Set(words[0], words[1:]...); err != nil {
			return nil, err
		}
	}
	return open(o, kind)
}

// Every program has a row, and starts with what it says: on the databases that
// it names and no others, with these words and not without one of them.
func TestDocumentedPrograms(t *testing.T) {
	var told []string
	for _, row := range docPrograms(t) {
		told = append(told, row.name)
		for _, kind := range []string{"sqlite", "postgres", "mysql"} {
			f, err := row.start(kind, row.needs...)
			if named := slices.Contains(row.databases, kind); named != (err == nil) {
				t.Errorf("%s on %s: %v", row.name, kind, err)
			}
			if err == nil && len(row.cookie) > 0 && !slices.Contains(row.cookie, f.Cookie()) {
				t.Errorf("%s on %s: the cookie is %s", row.name, kind, f.Cookie())
			}
		}
		for i, word := range row.needs {
			if _, err := row.start("sqlite", slices.Delete(slices.Clone(row.needs), i, i+1)...); err == nil {
				t.Errorf("%s does not need %s", row.name, word)
			}
		}
		_, err := row.start("sqlite", append(slices.Clone(row.needs), "variant none-of-these")...)
		want := "; there are " + strings.Join(row.variants, ", ")
		if len(row.variants) == 0 {
			want = "variant: it has none; leave \"none-of-these\" out"
		}
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: variants %v, %v", row.name, row.variants, err)
		}
	}
	slices.Sort(told)
	if !slices.Equal(told, preset.Names()) {
		t.Errorf("told  %v\nknown %v", told, preset.Names())
	}
}

// Every program has a row in the other table, too, and a heading.
func TestDocumentedChecks(t *testing.T) {
	var told []string
	for _, cells := range docTable(t, "What is looked up and checked") {
		told = append(told, code(cells[0])...)
	}
	slices.Sort(told)
	if !slices.Equal(told, preset.Names()) {
		t.Errorf("told  %v\nknown %v", told, preset.Names())
	}
	for _, name := range preset.Names() {
		if !strings.Contains(docs(t), "\n### "+name+"\n") {
			t.Errorf("%s has no heading", name)
		}
	}
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
