package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/seed-11312c3d/caddy-session"

// rooms are the packages of the map in doc.go, from the top down: each may know
// those that it lists, and of the libraries all but those that are forbidden to it.
var rooms = map[string]struct{ knows, never []string }{
	".":                    {knows: []string{"internal/headers", "internal/cookies", "internal/navigation", "internal/directive", "internal/identity", "internal/pages", "internal/adminapi", "internal/commandline", "internal/resolve", "internal/routes", "internal/stream", "internal/meters", "internal/lookup", "format", "format/preset", "store", "store/address"}},
	"internal/headers":     {never: []string{caddyLibrary, "database/sql"}},
	"internal/cookies":     {never: []string{caddyLibrary, "database/sql"}},
	"internal/navigation":  {never: []string{caddyLibrary, "database/sql"}},
	"internal/pages":       {knows: []string{"internal/headers"}, never: []string{caddyLibrary, "database/sql"}},
	"internal/directive":   {never: []string{caddyLibrary + "/modules", "database/sql"}},
	"internal/identity":    {knows: []string{"internal/headers", "format/payload", "store"}, never: []string{caddyLibrary, "database/sql"}},
	"internal/meters":      {knows: []string{"internal/lookup", "internal/resolve", "format"}, never: []string{"net/http", caddyLibrary, "database/sql"}},
	"internal/stream":      {never: []string{caddyLibrary, "database/sql"}},
	"internal/routes":      {never: []string{"net/http", caddyLibrary + "/modules", "database/sql"}},
	"internal/adminapi":    {knows: []string{"internal/identity", "internal/lookup", "store"}, never: []string{caddyLibrary, "database/sql"}},
	"internal/commandline": {knows: []string{"internal/adminapi", "internal/cookies", "internal/identity", "internal/lookup", "store"}, never: []string{"net/http", caddyLibrary + "/modules", "database/sql"}},
	"internal/resolve":     {knows: []string{"internal/cookies", "internal/lookup", "format"}, never: []string{"net/http", caddyLibrary, "database/sql"}},
	"internal/lookup":      {knows: []string{"format", "format/preset", "store"}, never: []string{"net/http", caddyLibrary + "/modules", caddyLibrary + "/caddyconfig"}},
	"format/preset":        {knows: []string{"format", "format/sqltext"}, never: []string{"net/http", caddyLibrary}},
	"format":               {knows: []string{"format/payload", "format/sqltext", "format/token", "store"}, never: []string{"net/http", caddyLibrary}},
	"format/token":         {knows: []string{"format/payload"}, never: []string{"net/http", caddyLibrary, "database/sql"}},
	"format/payload":       {never: []string{"net/http", caddyLibrary, "database/sql"}},
	"format/sqltext":       {never: []string{"net/http", caddyLibrary, "database/sql"}},
	"store":                {knows: []string{"format/payload", "store/address"}, never: []string{"net/http", caddyLibrary}},
	"store/address":        {never: []string{"net/http", caddyLibrary, "database/sql"}},
	"cmd/caddy":            {knows: []string{"."}},
}

const caddyLibrary = "github.com/caddyserver/caddy/v2"

// helpers are packages that only tests use.
var helpers = []string{"docs", "tests", "tests/bench", "tests/history", "store/storetest", "format/vectortest"}

// Arrows go down the map only.
func TestRooms_ArrowsGoDown(t *testing.T) {
	for room, imports := range importsByRoom(t) {
		if slices.Contains(helpers, room) {
			continue
		}
		rules, known := rooms[room]
		if !known {
			t.Errorf("the package %s is not on the map: add it to doc.go, CONTRIBUTING.md and this test", room)
		}
		for _, imported := range imports {
			other, own := strings.CutPrefix(imported, module)
			other = strings.TrimPrefix(other, "/")
			if other == "" {
				other = "."
			}
			if own && !slices.Contains(rules.knows, other) {
				t.Errorf("%s imports %s, which it must not know", room, other)
			}
			if slices.ContainsFunc(rules.never, func(never string) bool { return imported == never || strings.HasPrefix(imported, never+"/") }) {
				t.Errorf("%s imports %s", room, imported)
			}
		}
	}
}

// importsByRoom reads what each package imports outside its tests.
func importsByRoom(t *testing.T) map[string][]string {
	t.Helper()
	imports := make(map[string][]string)
	walkSource(t, parser.ImportsOnly, isOutside, func(file string, parsed *ast.File) {
		for _, spec := range parsed.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			imports[path.Dir(file)] = append(imports[path.Dir(file)], imported)
		}
	})
	if len(imports) < len(rooms)/2 {
		t.Fatal(len(imports))
	}
	return imports
}

// walkSource parses the program's files, but for tests and the folders that are
// left out.
func walkSource(t *testing.T, mode parser.Mode, leftOut func(root fs.FS, folder string) bool, visit func(file string, parsed *ast.File)) {
	t.Helper()
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && leftOut(root, file):
			return fs.SkipDir
		case !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		text, err := fs.ReadFile(root, file)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, text, mode)
		if err == nil {
			visit(file, parsed)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
