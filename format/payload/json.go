package payload

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// DecodeJSON reads JSON. Integers stay exact: one that int64 cannot hold is
// the string of its digits. Of a repeated key the last one counts.
func DecodeJSON(data []byte) (any, error) {
	if len(data) > MaxSize {
		return nil, undecodable("json", "larger than 1 MiB")
	}
	// encoding/json would replace bad bytes, and two names would become one.
	if !utf8.Valid(data) {
		return nil, undecodable("json", "not UTF-8")
	}
	if why := jsonTooBig(data); why != "" {
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
	tree, ok := exactNumbers(tree)
	if !ok {
		return nil, undecodable("json", "a number is out of range")
	}
	return tree, nil
}

// jsonTooBig counts levels and values before anything is allocated: a value
// stands after each bracket, comma and colon, so this never counts too few.
func jsonTooBig(data []byte) string {
	depth, nodes, quoted := 0, 1, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
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
		}
		if depth > maxDepth {
			return "nested deeper than 64 levels"
		}
		if nodes > maxNodes {
			return "more than 100000 values"
		}
	}
	return ""
}

// exactNumbers replaces the texts of numbers in a tree, in place.
func exactNumbers(v any) (any, bool) {
	ok := true
	switch v := v.(type) {
	case json.Number:
		return exactNumber(v.String())
	case []any:
		for i := 0; i < len(v) && ok; i++ {
			v[i], ok = exactNumbers(v[i])
		}
	case map[string]any:
		for key, child := range v {
			if v[key], ok = exactNumbers(child); !ok {
				break
			}
		}
	}
	return v, ok
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
