package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What docs/troubleshooting.md quotes, the program says.
func TestTroubleshooting_QuotesAreTheProgramsWords(t *testing.T) {
	said := texts(t)
	quoted := 0
	for line := range strings.Lines(read(t, "troubleshooting.md")) {
		quote, isQuote := strings.CutPrefix(strings.TrimSpace(line), "> ")
		if !isQuote {
			continue
		}
		quoted++
		if !slices.ContainsFunc(said, func(text string) bool { return strings.Contains(text, quote) }) {
			t.Errorf("nothing in the program says %q", quote)
		}
	}
	if quoted < 30 {
		t.Errorf("%d quotes were found", quoted)
	}
}

// Every reason for a refusal is on the page.
func TestTroubleshooting_HasEveryStatus(t *testing.T) {
	_, table, found := strings.Cut(read(t, "reference.md"), "\n## Statuses\n")
	table, _, _ = strings.Cut(table, "\n## ")
	rows := regexp.MustCompile("(?m)^\\| `([a-z]+)` \\|.*\\| 401").FindAllStringSubmatch(table, -1)
	if !found || len(rows) < 8 {
		t.Fatalf("the reference has %d statuses that are answered with 401", len(rows))
	}
	for _, row := range rows {
		if !strings.Contains(read(t, "troubleshooting.md"), "| `"+row[1]+"` |") {
			t.Errorf("the page does not say what to do about %s", row[1])
		}
	}
}

func read(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// filled is a place in a text that is filled in when it is said.
var filled = regexp.MustCompile(`"?%[a-z]"?`)

// texts are the texts in the program's source, put together where they are
// added up, with `…` for what is filled in.
func texts(t *testing.T) (said []string) {
	t.Helper()
	outside := func(root fs.FS, folder string) bool {
		return isOutside(root, folder) || slices.Contains(helpers, folder)
	}
	walkSource(t, parser.SkipObjectResolution, outside, func(_ string, parsed *ast.File) {
		ast.Inspect(parsed, func(node ast.Node) bool {
			expression, ok := node.(ast.Expr)
			if !ok {
				return true
			}
			text, isText := textOf(expression)
			if isText {
				said = append(said, filled.ReplaceAllString(text, "…"))
			}
			return !isText
		})
	})
	if len(said) < 500 {
		t.Fatal(len(said))
	}
	return said
}

// textOf returns the text that an expression makes, with `…` for each part that
// is no literal; whether it is a text at all.
func textOf(expression ast.Expr) (string, bool) {
	switch e := expression.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		left, leftIs := textOf(e.X)
		right, rightIs := textOf(e.Y)
		switch {
		case e.Op != token.ADD || !leftIs && !rightIs:
			return "", false
		case !leftIs:
			left = "…"
		case !rightIs:
			right = "…"
		}
		return left + right, true
	}
	return "", false
}
