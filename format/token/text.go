package token

import (
	"errors"
	"regexp"
	"strings"
	"time"
)

// OpenPrefix puts text before a value, as tables do that share a column:
// "session:" in Flask-Session, "ci_session:" in CodeIgniter.
func OpenPrefix(prefix string) Opener {
	return func(value string, _ time.Time) (string, error) { return prefix + value, nil }
}

// OpenStripped takes text off the beginning of a value, which must have it.
func OpenStripped(prefix string) Opener {
	return func(value string, _ time.Time) (string, error) {
		rest, ok := strings.CutPrefix(value, prefix)
		if !ok {
			return "", ErrBad
		}
		return rest, nil
	}
}

// OpenMatching refuses values that do not match a regular expression wholly.
func OpenMatching(expression string) (Opener, error) {
	pattern, err := regexp.Compile(`^(?:` + expression + `)$`)
	if err != nil {
		return nil, errors.New("its argument is no regular expression")
	}
	return func(value string, _ time.Time) (string, error) {
		if !pattern.MatchString(value) {
			return "", ErrBad
		}
		return value, nil
	}, nil
}
