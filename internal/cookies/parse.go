package cookies

import (
	"iter"
	"slices"
	"strings"
)

// Presented is what a request carries under a cookie's name.
type Presented struct {
	// Value is the last one.
	Value string
	// Found: there is at least one.
	Found bool
	// Ambiguous: there are two different ones.
	Ambiguous bool
}

// Read finds the cookie of that name in a request's Cookie lines.
func Read(lines []string, name string) (p Presented) {
	for value := range valuesOf(lines, name) {
		p.Ambiguous = p.Ambiguous || p.Found && p.Value != value
		p.Value, p.Found = value, true
	}
	return p
}

// maxValues bounds how many different values of one cookie are looked at.
const maxValues = 8

// ReadAll returns the different values of a cookie, at most eight.
func ReadAll(lines []string, name string) (values []string) {
	for value := range valuesOf(lines, name) {
		if !slices.Contains(values, value) && len(values) < maxValues {
			values = append(values, value)
		}
	}
	return values
}

// valuesOf yields each value of the cookie of exactly that name. There is
// no limit on the number of cookies: past net/http's limit the guard would see
// none, but the upstream all of them. Nothing is trimmed, unquoted or decoded:
// only the exact bytes that were set are the cookie.
func valuesOf(lines []string, wanted string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, line := range lines {
			for pair := range strings.SplitSeq(line, ";") {
				name, value, _ := strings.Cut(strings.TrimLeft(pair, " \t"), "=")
				if name == wanted && !yield(value) {
					return
				}
			}
		}
	}
}

// Name is the name of a pair in a Cookie or Set-Cookie line. A cookie
// without a name, `=name=value`, is sent by browsers as `name=value`.
func Name(pair string) string {
	pair = strings.TrimLeft(pair, " \t")
	pair = strings.TrimLeft(pair, "=")
	name, _, _ := strings.Cut(pair, "=")
	return name
}

// Value is the value of a pair in a Cookie line.
func Value(pair string) string {
	_, value, _ := strings.Cut(strings.TrimLeft(pair, " \t"), "=")
	return value
}
