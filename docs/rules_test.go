// Package docs holds the tests that compare the pages in this directory with
// the code.
package docs

import (
	"flag"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

var update = flag.Bool("update", false, "write the lists of tests in rules.md anew, from the names of the tests")

// The page lists each rule with its tests, and there is no test with another
// number.
func TestRules(t *testing.T) {
	const file = "rules.md"
	tests, err := numberedTests(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	page := parseRulesPage(string(text))
	if *update {
		page.update(tests)
		if err := os.WriteFile(file, []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, problem := range page.problems(tests) {
		t.Error(problem)
	}
}

// good is a page that fits the tests of goodTests.
const good = `# Rules

3 rules are held by 4 tests.

- ` + "`TestMain`" + ` is in no rule's section.

## Headers (H)

### H1: Names

A promise in

- two parts,
- and several lines.

- ` + "`FuzzH1_H3_Strip`" + `
- ` + "`TestH1_NoSpelling`" + `

### H3: Connection

A promise.

- ` + "`FuzzH1_H3_Strip`" + `

## Faults (F)

What a fault is.

### F10: Ten

A promise.

- ` + "`TestF10_A`" + `
- ` + "`TestF10_B`" + `
`

var goodTests = []string{"FuzzH1_H3_Strip", "TestF10_A", "TestF10_B", "TestH1_NoSpelling"}

func TestRules_AGoodPageHasNoProblem(t *testing.T) {
	page := parseRulesPage(good)
	if problems := page.problems(goodTests); len(problems) > 0 {
		t.Error(problems)
	}
	page.update(goodTests)
	if text := page.String(); text != good {
		t.Errorf("an update without a reason made of it\n%s", text)
	}
}

func TestRules_EachProblemIsTold(t *testing.T) {
	listed := func(test string) string { return "- `" + test + "`\n" }
	for name, c := range map[string]struct {
		old, new string   // in the page
		without  string   // this test
		with     []string // these tests
		want     string
		stays    bool // after an update: a person must do something
	}{
		"a test is not listed":        {old: listed("TestF10_B"), want: "TestF10_B is not listed under F10"},
		"nor under its second rule":   {old: "A promise.\n\n" + listed("FuzzH1_H3_Strip"), new: "A promise.\n", want: "FuzzH1_H3_Strip is not listed under H3"},
		"a test that is gone":         {without: "TestF10_B", want: "TestF10_B is listed under F10, but there is no such test"},
		"a test of another rule":      {old: listed("TestF10_B"), new: listed("TestF10_B") + listed("TestH1_NoSpelling"), want: "TestH1_NoSpelling is listed under F10"},
		"a test that is listed twice": {old: listed("TestF10_B"), new: listed("TestF10_B") + listed("TestF10_B"), want: "not listed once each"},
		"a wrong order":               {old: listed("TestF10_A") + listed("TestF10_B"), new: listed("TestF10_B") + listed("TestF10_A"), want: "in the order of their names"},
		"a wrong number of rules":     {old: "3 rules", new: "4 rules", want: `must say once "3 rules are held by 4 tests"`},
		"a wrong number of tests":     {with: []string{"TestF10_C"}, want: `must say once "3 rules are held by 5 tests"`},
		"no number of rules":          {old: "3 rules are held by 4 tests.", new: "Many.", want: "must say once", stays: true},
		"two numbers of rules":        {old: "A promise in", new: "3 rules are held by 4 tests.", want: "must say once", stays: true},
		"an unknown number":           {with: []string{"TestB2_X", "FuzzB2_Y"}, want: "FuzzB2_Y, TestB2_X: there is no rule B2; add it to docs/rules.md", stays: true},
		"an unknown second number":    {with: []string{"TestH1_C9_X"}, want: "TestH1_C9_X: there is no rule C9; add it to docs/rules.md", stays: true},
		"a rule without a test":       {old: "## Faults (F)", new: "### H4: Trailers\n\nA promise.\n\n## Faults (F)", want: "the rule H4 has no test", stays: true},
		"a rule that stands twice":    {old: "### H3: ", new: "### H1: ", want: "the rule H1 stands on the page twice", stays: true},
		"a heading that is no rule's": {old: "### F10: ", new: "### F10 ", want: "there is no rule F10", stays: true},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(good, c.old, c.new, 1)
			tests := append([]string(nil), c.with...)
			for _, test := range goodTests {
				if test != c.without {
					tests = append(tests, test)
				}
			}
			page := parseRulesPage(text)
			told := strings.Join(page.problems(tests), "\n")
			if !strings.Contains(told, c.want) {
				t.Errorf("%q is not told, but\n%s", c.want, told)
			}
			page.update(tests)
			if left := parseRulesPage(page.String()).problems(tests); (len(left) > 0) != c.stays {
				t.Errorf("after an update there is left %q", left)
			}
		})
	}
}

func TestRules_WhichNamesCarryANumber(t *testing.T) {
	for name, want := range map[string]string{
		"TestC1_TwoValues": "C1", "FuzzS10_Pages": "S10", "TestF1_F2_GoesAway": "F1 F2", "TestO12_": "O12",
		"TestC1": "", "TestC1Two": "", "TestH2C": "", "TestSHA256_Sum": "", "TestX509_Names": "", "TestC0_X": "", "TestC01_X": "",
		"Testc1_X": "", "TestTestC1_X": "", "TestForeignC1_X": "", "BenchmarkC1_X": "", "ExampleC1_X": "", "TestMain": "",
	} {
		if got := strings.Join(rulesOf(name), " "); got != want {
			t.Errorf("%s carries %q, want %q", name, got, want)
		}
	}
}

func TestRules_WhereTestsAreLookedFor(t *testing.T) {
	source := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	module := fstest.MapFS{
		"go.mod":                {},
		"a_test.go":             source("package a\nfunc TestC2_A() {}\nfunc TestOther() {}\nfunc (x X) TestC3_Method() {}\nvar TestC4_Variable = 1\n// func TestC5_Comment() {}\n"),
		"a/b/b_test.go":         source("//go:build windows\n\npackage b\nfunc FuzzC1_B() {}\nfunc TestC2_A() {}\n"),
		"a/b/b.go":              source("package b\nfunc TestC6_NoTest() {}\n"),
		"a/testdata/c_test.go":  source("package c\nfunc TestC7_C() {}\n"),
		".git/d_test.go":        source("package d\nfunc TestC8_D() {}\n"),
		"_old/e_test.go":        source("package e\nfunc TestC9_E() {}\n"),
		"other/go.mod":          {},
		"other/deep/f_test.go":  source("package f\nfunc TestC10_F() {}\n"),
		"other_test.go/keep.go": source("package g\n"),
	}
	got, err := numberedTests(module)
	if err != nil || strings.Join(got, " ") != "FuzzC1_B TestC2_A" {
		t.Error(got, err)
	}
	module["broken_test.go"] = source("package\n")
	if _, err := numberedTests(module); err == nil {
		t.Error("a file that cannot be read is no error")
	}
}
