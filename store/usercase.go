package store

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// FoldUser returns a user id in lower case, for realms in which case makes no
// difference. It changes what Unicode pairs one to one, A and a, É and é, Σ and σ, and
// nothing else: not what merely looks like a letter of such a pair or becomes one in
// lower case (the Kelvin sign, the dotted İ), not the final ς, not the way in which an
// accent is composed. So no more than the two of a pair ever become one. Text that is
// no UTF-8 stays as it is; [Identity.Check] refuses it.
func FoldUser(user string) string {
	if !utf8.ValidString(user) {
		return user // or each broken byte would become the same sign
	}
	return strings.Map(fold, user)
}

func fold(r rune) rune {
	if lower := unicode.ToLower(r); unicode.ToUpper(lower) == r {
		return lower
	}
	return r
}
