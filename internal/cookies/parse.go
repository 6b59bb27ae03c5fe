package cookies

import (
	"iter"
	"strings"
)

// Values yields each value of the cookie of exactly that name. There is
// no limit on the number of cookies: past net/http's limit the guard would see
// none, but the upstream all of them. Nothing is trimmed, unquoted or decoded:
// only the exact bytes that were set are the cookie.
func Values(lines []string, wanted string) iter.Seq[string] {
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
