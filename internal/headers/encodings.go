package headers

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
)

// encodings write a text as a header's value, or report that they cannot, by
// the names that configurations have for them.
var encodings = map[string]func(string) (string, bool){
	"":       utf8Encoding,
	"utf8":   utf8Encoding,
	"ascii":  asciiEncoding,
	"latin1": latin1Encoding,
	"percent": func(s string) (string, bool) {
		return strings.ReplaceAll(url.QueryEscape(s), "+", "%20"), true
	},
	"base64url": func(s string) (string, bool) { return base64.RawURLEncoding.EncodeToString([]byte(s)), true },
}

func utf8Encoding(s string) (string, bool) { return s, true }

func asciiEncoding(s string) (string, bool) {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return "", false
		}
	}
	return s, true
}

func latin1Encoding(s string) (string, bool) {
	if _, ok := asciiEncoding(s); ok {
		return s, true
	}
	bytes := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xFF {
			return "", false
		}
		bytes = append(bytes, byte(r))
	}
	return string(bytes), true
}

// known lists the names of a table for an error, in order.
func known[T any](table map[string]T) string {
	var names []string
	for name := range table {
		if name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
