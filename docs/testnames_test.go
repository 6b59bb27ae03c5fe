package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// numbers matches the name of a test or fuzz target that carries the numbers of
// rules: each a capital letter and one or two digits, and an underscore behind
// it. TestH2C, TestSHA256_Sum and TestX509_Names carry none.
var numbers = regexp.MustCompile(`^(?:Test|Fuzz)((?:[A-Z][1-9][0-9]?_)+)`)

// rulesOf returns the numbers that a test's name carries.
func rulesOf(test string) []string {
	carried := numbers.FindStringSubmatch(test)
	if carried == nil {
		return nil
	}
	return strings.Split(strings.TrimSuffix(carried[1], "_"), "_")
}

// groupByRule returns the tests of each rule, in the order of their names.
func groupByRule(tests []string) map[string][]string {
	byRule := make(map[string][]string)
	for _, test := range tests {
		for _, rule := range rulesOf(test) {
			byRule[rule] = append(byRule[rule], test)
		}
	}
	for _, tests := range byRule {
		slices.Sort(tests)
	}
	return byRule
}

// numberedTests returns the names of a module's tests that carry a number, each
// once, whatever their build tags.
func numberedTests(module fs.FS) ([]string, error) {
	var tests []string
	err := fs.WalkDir(module, ".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && isOutside(module, file):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(file, "_test.go"):
			return nil
		}
		found, err := numberedTestsOf(module, file)
		tests = append(tests, found...)
		return err
	})
	slices.Sort(tests)
	return slices.Compact(tests), err
}

// isOutside recognizes the directories that the go command passes over, too.
func isOutside(module fs.FS, dir string) bool {
	name := path.Base(dir)
	if dir == "." {
		return false
	}
	_, err := fs.Stat(module, path.Join(dir, "go.mod"))
	return err == nil || name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}

func numberedTestsOf(module fs.FS, file string) (tests []string, err error) {
	text, err := fs.ReadFile(module, file)
	if err != nil {
		return nil, err
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, declared := range parsed.Decls {
		f, ok := declared.(*ast.FuncDecl)
		if ok && f.Recv == nil && len(rulesOf(f.Name.Name)) > 0 {
			tests = append(tests, f.Name.Name)
		}
	}
	return tests, nil
}
