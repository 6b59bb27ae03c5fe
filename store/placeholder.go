package store

import (
	"strconv"
	"strings"
)

// number writes $1, $2 ... for each `?`, as PostgreSQL wants it. A `?` within
// quotation marks is a part of a text or of a name and stays.
func number(text string) string {
	var b strings.Builder
	var quote byte
	n := 0
	for i := range len(text) {
		c := text[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0 // a doubled mark opens the quotation again at once
			}
		case c == '\'' || c == '"' || c == '`':
			quote = c
		case c == '?':
			n++
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(n))
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}
