package docs

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

var (
	ruleHeading = regexp.MustCompile(`^### ([A-Z][1-9][0-9]?): `)
	listedTest  = regexp.MustCompile("^- `(\\w+)`$")
	counts      = regexp.MustCompile(`\d+ rules are held by \d+ tests`)
)

// rulesPage is the page of rules, cut at its headings.
type rulesPage struct{ sections []*section }

// section is a heading and what stands below it. That of a rule ends with the
// list of its tests.
type section struct {
	rule  string // its number; empty in sections that are no rule's
	prose []string
	tests []string
}

// parseRulesPage reads a page in Markdown.
func parseRulesPage(text string) *rulesPage {
	p := &rulesPage{[]*section{{}}}
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, "## ") || strings.HasPrefix(line, "### ") {
			p.sections = append(p.sections, new(section))
		}
		s := p.sections[len(p.sections)-1]
		if heading := ruleHeading.FindStringSubmatch(line); heading != nil {
			s.rule = heading[1]
		}
		if listed := listedTest.FindStringSubmatch(line); listed != nil && s.rule != "" {
			s.tests = append(s.tests, listed[1])
			continue
		}
		s.prose = append(s.prose, line)
	}
	return p
}

// update lists the tests under their rules, and counts. It makes no rule:
// what a rule promises is for a person to write.
func (p *rulesPage) update(tests []string) {
	byRule := groupByRule(tests)
	for _, s := range p.sections {
		s.tests = byRule[s.rule]
		for i, line := range s.prose {
			s.prose[i] = counts.ReplaceAllString(line, p.count(tests))
		}
	}
}

// count is the sentence that says how many rules and tests there are.
func (p *rulesPage) count(tests []string) string {
	rules := 0
	for _, s := range p.sections {
		if s.rule != "" {
			rules++
		}
	}
	return fmt.Sprintf("%d rules are held by %d tests", rules, len(tests))
}

// String writes the page, the list of tests at the end of each rule's section.
func (p *rulesPage) String() string {
	var sections []string
	for _, s := range p.sections {
		text := strings.TrimSpace(strings.Join(s.prose, "\n"))
		if len(s.tests) > 0 {
			text += "\n\n- `" + strings.Join(s.tests, "`\n- `") + "`"
		}
		sections = append(sections, text)
	}
	return strings.Join(sections, "\n\n") + "\n"
}

// problems says in which ways the page and the tests differ. None means that
// each rule has a test, and each test with a number stands under its rule.
func (p *rulesPage) problems(tests []string) []string {
	byRule := groupByRule(tests)
	problems := p.countProblems(tests)
	known := make(map[string]bool)
	for _, s := range p.sections {
		if s.rule == "" {
			continue
		}
		if known[s.rule] {
			problems = append(problems, fmt.Sprintf("the rule %s stands on the page twice: merge the two, or give one another number", s.rule))
		}
		known[s.rule] = true
		problems = append(problems, s.problems(byRule[s.rule])...)
	}
	for _, rule := range slices.Sorted(maps.Keys(byRule)) {
		if !known[rule] {
			problems = append(problems, fmt.Sprintf("%s: there is no rule %s; add it to docs/rules.md, or give the test a name without a number",
				strings.Join(byRule[rule], ", "), rule))
		}
	}
	return problems
}

func (p *rulesPage) countProblems(tests []string) []string {
	said := counts.FindAllString(p.String(), -1)
	want := p.count(tests)
	if !slices.Equal(said, []string{want}) {
		return []string{fmt.Sprintf("the page says %q, and must say once %q; %s", said, want, remedy)}
	}
	return nil
}

const remedy = "`go test ./docs -update` puts it right"

// problems compares the list of a rule with the tests that carry its number.
func (s *section) problems(tests []string) (problems []string) {
	if len(tests) == 0 {
		problems = append(problems, fmt.Sprintf("the rule %s has no test: write one that is named Test%s_..., or take the rule off the page", s.rule, s.rule))
	}
	for _, test := range s.tests {
		if !slices.Contains(tests, test) {
			problems = append(problems, fmt.Sprintf("%s is listed under %s, but there is no such test with that number; %s", test, s.rule, remedy))
		}
	}
	for _, test := range tests {
		if !slices.Contains(s.tests, test) {
			problems = append(problems, fmt.Sprintf("%s is not listed under %s; %s", test, s.rule, remedy))
		}
	}
	if len(problems) == 0 && !slices.Equal(s.tests, tests) {
		problems = append(problems, fmt.Sprintf("the tests of %s are not listed once each, in the order of their names; %s", s.rule, remedy))
	}
	return problems
}
