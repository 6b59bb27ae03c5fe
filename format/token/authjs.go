package token

import (
	"fmt"
	"strings"
	"time"
)

// OpenAuthjs refuses what is no key of a row of Auth.js: with the strategy
// "jwt" cookies of the same names hold an encrypted token, with dots in it.
func OpenAuthjs(value string, _ time.Time) (string, error) {
	if strings.Count(value, ".") > 0 {
		return "", fmt.Errorf("%w: it is one of the strategy jwt, which keeps no sessions in a table; set session.strategy to database in Auth.js", ErrBad)
	}
	return value, nil
}
