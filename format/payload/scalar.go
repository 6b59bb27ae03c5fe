package payload

import (
	"strconv"
	"time"
)

// unsigned keeps an integer exact: a user's id must never become 1.8e+19.
func unsigned(n uint64) any {
	if n > 1<<63-1 {
		return strconv.FormatUint(n, 10)
	}
	return int64(n)
}

// moment is how a time stands in a tree.
func moment(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// keyText makes a key of a value that formats allow as one.
func keyText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case int64:
		return strconv.FormatInt(v, 10), true
	}
	return "", false
}
