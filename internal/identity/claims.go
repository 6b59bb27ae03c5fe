package identity

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed-11312c3d/caddy-session/store"
)

// Groups is the claim that is always a list.
const Groups = "groups"

// Split splits a text at a separator, and takes white space off the items. One
// space separates like any run of white space.
func Split(text, separator string) (items []string) {
	if separator == " " {
		return strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\t' })
	}
	for item := range strings.SplitSeq(text, separator) {
		items = append(items, strings.Trim(item, " \t"))
	}
	return items
}

// Claim makes a claim of the values that are given for it: one makes a text,
// which of [Groups] is split, and several make a list.
func Claim(name string, values []string, separator string) store.Claim {
	switch {
	case len(values) != 1:
		return store.List(values...)
	case name == Groups:
		return store.List(Split(values[0], separator)...)
	}
	return store.Text(values[0])
}

// Has reports whether one of values is the claim, or an item of it.
func Has(claim store.Claim, values []string) bool {
	return slices.ContainsFunc(claim.Items(), func(item string) bool { return slices.Contains(values, item) })
}

// Keep leaves of a claim the items that one of the patterns fits: texts, in
// which one `*` stands for anything.
func Keep(claims store.Claims, name string, patterns []string) {
	claim, ok := claims[name]
	if !ok {
		return
	}
	items := slices.DeleteFunc(slices.Clone(claim.Items()), func(item string) bool {
		return !slices.ContainsFunc(patterns, func(pattern string) bool { return fits(pattern, item) })
	})
	switch {
	case claim.IsList():
		claims[name] = store.List(items...)
	case len(items) == 0:
		delete(claims, name)
	}
}

// CheckPatterns refuses patterns that [Keep] does not know.
func CheckPatterns(patterns []string) error {
	for _, pattern := range patterns {
		if strings.Count(pattern, "*") > 1 {
			return fmt.Errorf("%q has more than one `*`", pattern)
		}
	}
	return nil
}

func fits(pattern, text string) bool {
	before, after, star := strings.Cut(pattern, "*")
	if !star {
		return text == pattern
	}
	return len(text) >= len(before)+len(after) && strings.HasPrefix(text, before) && strings.HasSuffix(text, after)
}

// DropUnreadable drops claims that are no UTF-8, such as a name in Latin-1, and
// returns their names: nobody can know what they say, and that is no reason to
// refuse the user.
func DropUnreadable(claims store.Claims) (names []string) {
	for name, claim := range claims {
		if slices.ContainsFunc(claim.Items(), func(item string) bool { return !utf8.ValidString(item) }) {
			delete(claims, name)
			names = append(names, name)
		}
	}
	return names
}
