package payload

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// DecodeJSON reads JSON. Integers stay exact: one that int64 cannot hold is
// the string of its digits. What other readers could read as something else is
// refused: a key that is repeated, and half a character.
func DecodeJSON(data []byte) (any, error) {
	if len(data) > MaxSize {
		return nil, undecodable("json", "larger than 1 MiB")
	}
	// encoding/json would replace bad bytes, and two names would become one.
	if !utf8.Valid(data) {
		return nil, undecodable("json", "not UTF-8")
	}
	keys, why := scanJSON(data)
	if why != "" {
		return nil, undecodable("json", why)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var tree any
	if decoder.Decode(&tree) != nil {
		return nil, undecodable("json", "not valid")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, undecodable("json", "something follows its end")
	}
	c := jsonTree{}
	if tree = c.exact(tree); c.outOfRange {
		return nil, undecodable("json", "a number is out of range")
	}
	if c.keys != keys {
		return nil, undecodable("json", "a key is repeated") // one of the two is gone
	}
	return tree, nil
}

// scanJSON counts levels and values before anything is allocated: a value
// stands after each bracket, comma and colon, so this never counts too few. In
// what is valid it counts the keys.
func scanJSON(data []byte) (keys int, why string) {
	depth, nodes, quoted := 0, 1, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			n, whole := jsonEscape(data[i:])
			if !whole {
				return 0, "half of a character"
			}
			i += n - 1
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			nodes++
		case c == '}' || c == ']':
			depth--
		case c == ',':
			nodes++
		case c == ':':
			keys++
		}
		if depth > maxDepth {
			return 0, "nested deeper than 64 levels"
		}
		if nodes > maxNodes {
			return 0, "more than 100000 values"
		}
	}
	return keys, ""
}

// jsonEscape returns how long the escape is that the data begin with. Of a
// character in two halves encoding/json would replace a single one, and two
// names would become one.
func jsonEscape(data []byte) (n int, whole bool) {
	first, ok := jsonUnit(data)
	switch {
	case !ok:
		return 2, true // or not valid, as is found later
	case !utf16.IsSurrogate(first):
		return 6, true
	}
	second, ok := jsonUnit(data[6:])
	return 12, ok && utf16.DecodeRune(first, second) != utf8.RuneError
}

func jsonUnit(data []byte) (rune, bool) {
	if len(data) < 6 || data[0] != '\\' || data[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(data[2:6]), 16, 16)
	return rune(n), err == nil
}

// jsonTree goes through what has been read.
type jsonTree struct {
	keys       int
	outOfRange bool
}

// exact replaces the texts of numbers, in place, and counts the keys.
func (c *jsonTree) exact(v any) any {
	switch v := v.(type) {
	case json.Number:
		n, ok := exactNumber(v.String())
		c.outOfRange = c.outOfRange || !ok
		return n
	case []any:
		for i := range v {
			v[i] = c.exact(v[i])
		}
	case map[string]any:
		c.keys += len(v)
		for key, child := range v {
			v[key] = c.exact(child)
		}
	}
	return v
}

func exactNumber(text string) (any, bool) {
	if strings.ContainsAny(text, ".eE") {
		f, err := strconv.ParseFloat(text, 64)
		return f, err == nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	return text, true
}
