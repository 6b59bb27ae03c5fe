package tests

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// docBlock is a fenced block of the documentation.
type docBlock struct {
	id   string // its page and the slug of its heading: recipes.md#error-pages
	info string // what follows the fence
	text string
}

// docPages are the README and the pages in docs.
func docPages(t *testing.T) []string {
	t.Helper()
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal("there are no pages", err)
	}
	return append(pages, "../README.md")
}

// docBlocks reads the fenced blocks of all pages.
func docBlocks(t *testing.T) (blocks []docBlock) {
	t.Helper()
	for _, page := range docPages(t) {
		var open *docBlock
		heading := ""
		for line := range strings.Lines(readFile(t, page)) {
			fence, isFence := strings.CutPrefix(line, "```")
			switch title := strings.TrimLeft(line, "#"); {
			case isFence && open == nil:
				open = &docBlock{id: filepath.Base(page) + "#" + heading, info: strings.TrimSpace(fence)}
			case isFence:
				blocks, open = append(blocks, *open), nil
			case open != nil:
				open.text += line
			case title != line:
				heading = slug(title)
			}
		}
		if open != nil {
			t.Errorf("%s: the last block has no end", page)
		}
	}
	return blocks
}

var notInSlugs = regexp.MustCompile(`[^a-z0-9 _-]`)

// slug is what a link to a heading is called.
func slug(title string) string {
	return strings.ReplaceAll(notInSlugs.ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), ""), " ", "-")
}

// snippetPlaces are what a block can be a part of: the second word after its
// fence says of what. The first is caddy.
var snippetPlaces = map[string][2]string{
	"caddy site":   {"http://docs.test {\n", "}\n"},
	"caddy global": {"{\n", "}\nhttp://docs.test {\n\tsession\n}\n"},
}

var fileInDocs = regexp.MustCompile(`\{file\.[^}]+\}`)

// Every other Caddyfile in the documentation is valid as a part of what it says.
func TestDocs_EverySnippetIsValid(t *testing.T) {
	for name, value := range map[string]string{
		"DATABASE_URL": "postgres://u@h/d", "SQLITE_URL": "sqlite:app.db", "MYSQL_URL": "mysql://u@h/d",
		"SECRET": "0123456789abcdef0123456789abcdef",
	} {
		t.Setenv(name, value)
	}
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("hush\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, block := range docBlocks(t) {
		language, _, _ := strings.Cut(block.info, " ")
		place, known := snippetPlaces[block.info]
		switch {
		case block.info == "caddyfile", language != "caddyfile" && language != "caddy":
			continue
		case !known:
			t.Errorf("%s: %q does not say what the block is a part of; write caddy site or caddy global", block.id, block.info)
			continue
		}
		text := place[0] + fileInDocs.ReplaceAllLiteralString(block.text, "{file."+password+"}") + place[1]
		if got := adaptAndValidate(t, text); strings.HasPrefix(got, "error: ") {
			t.Errorf("%s: %s\n%s", block.id, got, text)
		}
	}
}

// Links to headings, on the same page or another, lead to one.
func TestDocs_LinksToHeadings(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]*)#([^)]*)\)`)
	for _, page := range docPages(t) {
		for _, found := range link.FindAllStringSubmatch(readFile(t, page), -1) {
			target := page
			if found[1] != "" {
				target = filepath.Join(filepath.Dir(page), found[1])
			}
			if !slices.Contains(headings(t, target), found[2]) {
				t.Errorf("%s links to the heading %s of %s, which has none of that name", page, found[2], target)
			}
		}
	}
}

// headings are the slugs of a page's headings.
func headings(t *testing.T, page string) (slugs []string) {
	t.Helper()
	for line := range strings.Lines(readFile(t, page)) {
		if title := strings.TrimLeft(line, "#"); title != line {
			slugs = append(slugs, slug(title))
		}
	}
	return slugs
}
