package commandline

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// word writes what a row says as one word for a terminal: in quotes, and with
// escapes, where it is not plainly printable or has a space, which parts columns.
func word(text string) string {
	if text == "" || !strings.HasPrefix(text, `"`) && !strings.ContainsFunc(text, notPlain) && utf8.ValidString(text) {
		return text
	}
	return strconv.QuoteToGraphic(text)
}

func notPlain(r rune) bool { return !unicode.IsPrint(r) || r == ' ' }

// plain is a terminal that gets no control character but the end of a line, and
// none that turns the direction of writing: what a row holds must not act on it.
// They are written as JSON escapes, which JSON reads as what they were.
type plain struct{ out io.Writer }

// Write implements io.Writer. A rune must not come in two pieces.
func (p plain) Write(text []byte) (int, error) {
	var b strings.Builder
	for _, r := range string(text) {
		switch {
		case r == '\n' || unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	if _, err := io.WriteString(p.out, b.String()); err != nil {
		return 0, err
	}
	return len(text), nil
}
