package payload

import (
	"errors"
	"fmt"
	"strings"
)

// A Path is where in a tree a value stands, see [ParsePath].
type Path []pathStep

// pathStep is a key or index to go down by, or a codec to read a text with.
type pathStep struct {
	key   string
	codec Codec
}

// Find finds a value in a tree by a path as [ParsePath] reads it. A path that
// is not valid finds nothing.
func Find(tree any, path string) (any, bool) {
	parsed, err := ParsePath(path)
	if err != nil {
		return nil, false
	}
	return parsed.Find(tree)
}

// ParsePath reads a path: keys of maps and indexes of lists, with dots
// between. A key that has a dot, a bar or nothing in it stands in double
// quotes: "axum-login.data".user_id. A bar and the name of a codec read the
// text that was found until there once more: _security_main|php.1.0.email.
// The empty path is the tree itself.
func ParsePath(path string) (Path, error) {
	var steps Path
	for rest := path; rest != ""; {
		step, after, err := nextStep(rest)
		if err != nil {
			return nil, fmt.Errorf("reading path %q: %w", path, err)
		}
		steps, rest = append(steps, step), after
		if strings.HasPrefix(rest, ".") {
			if rest = rest[1:]; rest == "" {
				return nil, fmt.Errorf("reading path %q: it ends with a dot", path)
			}
		}
	}
	return steps, nil
}

// nextStep cuts one step off a path. What is left starts with a dot or a bar,
// or is empty.
func nextStep(path string) (pathStep, string, error) {
	switch path[0] {
	case '"':
		key, rest, ok := strings.Cut(path[1:], `"`)
		if !ok || rest != "" && rest[0] != '.' && rest[0] != '|' {
			return pathStep{}, "", errors.New("a quote is not closed where a key ends")
		}
		return pathStep{key: key}, rest, nil
	case '|':
		name, rest := cutWord(path[1:])
		codec, ok := ByName(name)
		if !ok {
			return pathStep{}, "", fmt.Errorf("there is no codec %q; there are %s", name, strings.Join(Names(), ", "))
		}
		return pathStep{codec: codec}, rest, nil
	}
	key, rest := cutWord(path)
	if key == "" {
		return pathStep{}, "", errors.New("a key is empty; an empty key is written in quotes")
	}
	return pathStep{key: key}, rest, nil
}

func cutWord(path string) (word, rest string) {
	if end := strings.IndexAny(path, ".|"); end >= 0 {
		return path[:end], path[end:]
	}
	return path, ""
}

// Find follows the path. A null counts as found.
func (p Path) Find(tree any) (any, bool) {
	for _, step := range p {
		next, ok := step.find(tree)
		if !ok {
			return nil, false
		}
		tree = next
	}
	return tree, true
}

func (s pathStep) find(v any) (any, bool) {
	if s.codec != nil {
		text, ok := v.(string)
		if !ok {
			return nil, false
		}
		v, err := s.codec([]byte(text))
		return v, err == nil
	}
	switch v := v.(type) {
	case map[string]any:
		child, ok := v[s.key]
		return child, ok
	case []any:
		if i, ok := listIndex(s.key); ok && i < len(v) {
			return v[i], true
		}
	}
	return nil, false
}
