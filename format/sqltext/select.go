package sqltext

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// lexeme is a piece of SQL: a word or quoted name, or a sign.
type lexeme struct {
	text   string
	name   bool // an identifier or a keyword
	quoted bool
	depth  int // of parentheses around it
}

// is tells whether a lexeme is a keyword outside all parentheses.
func (l lexeme) is(keyword string) bool {
	return l.depth == 0 && l.name && !l.quoted && strings.EqualFold(l.text, keyword)
}

// lexemes cuts a statement into pieces. It need not know SQL, only where texts,
// names and comments end.
func lexemes(sql string) ([]lexeme, error) {
	var out []lexeme
	depth := 0
	for i := 0; i < len(sql); {
		c := sql[i]
		end := i + 1
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
		case strings.HasPrefix(sql[i:], "--") || strings.HasPrefix(sql[i:], "/*"):
			return nil, errors.New("it has a comment; leave it out")
		case c == '\'' || c == '"' || c == '`':
			if end = quotedEnd(sql, i); end < 0 {
				return nil, errors.New("a quotation mark is not closed")
			}
			inner := strings.ReplaceAll(sql[i+1:end-1], string([]byte{c, c}), string(c))
			out = append(out, lexeme{inner, c != '\'', true, depth})
		case isWordByte(c):
			for end < len(sql) && isWordByte(sql[end]) {
				end++
			}
			out = append(out, lexeme{sql[i:end], true, false, depth})
		default:
			if c == ')' {
				depth--
			}
			out = append(out, lexeme{string(c), false, false, depth})
			if c == '(' {
				depth++
			}
			if depth < 0 {
				return nil, errors.New("its parentheses do not match")
			}
		}
		i = end
	}
	if depth != 0 {
		return nil, errors.New("its parentheses do not match")
	}
	return out, nil
}

func isWordByte(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func quotedEnd(sql string, start int) int {
	for i := start + 1; i < len(sql); i++ {
		if sql[i] != sql[start] {
			continue
		}
		if i+1 < len(sql) && sql[i+1] == sql[start] {
			i++
			continue
		}
		return i + 1
	}
	return -1
}

// Parameters counts the question marks that are no part of a text.
func Parameters(sql string) int {
	parts, err := lexemes(sql)
	if err != nil {
		return 0
	}
	n := 0
	for _, part := range parts {
		if part.text == "?" && !part.quoted {
			n++
		}
	}
	return n
}

// Columns finds the names of a SELECT's columns, which must all have one: a
// query is asked for by names, and the driver is asked for values only.
func Columns(sql string) ([]string, error) {
	parts, err := lexemes(sql)
	if err != nil {
		return nil, err
	}
	start := slices.IndexFunc(parts, func(l lexeme) bool { return l.is("select") })
	if start < 0 {
		return nil, errors.New("it is no SELECT")
	}
	var names []string
	item := []lexeme{}
	for _, part := range append(parts[start+1:], lexeme{text: "from", name: true}) {
		comma := part.text == "," && part.depth == 0 && !part.quoted
		if !comma && !part.is("from") {
			item = append(item, part)
			continue
		}
		name, err := nameOf(item)
		if err != nil {
			return nil, err
		}
		if slices.Contains(names, name) {
			return nil, fmt.Errorf("two of its columns are named %q", name)
		}
		names, item = append(names, name), nil
		if !comma {
			break
		}
	}
	return names, nil
}

// nameOf is the last word of a column: its alias, or the column itself.
func nameOf(item []lexeme) (string, error) {
	if len(item) == 0 {
		return "", errors.New("a column is missing")
	}
	last := item[len(item)-1]
	switch {
	case last.text == "*":
		return "", errors.New("it selects *; name the columns")
	case !last.name || last.depth != 0:
		return "", errors.New("a column has no name; write `AS name` after it")
	}
	return last.text, nil
}
