package format

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-11312c3d/caddy-session/format/payload"
	"github.com/seed-11312c3d/caddy-session/store"
)

// cell receives one column of a row, whatever the driver makes of it: for one
// type of column they give times, texts, bytes, integers or floats.
type cell struct{ v any }

// Scan implements the interface of database/sql, which PostgreSQL's own driver
// knows as well.
func (c *cell) Scan(src any) error {
	if b, ok := src.([]byte); ok {
		src = string(b) // the driver keeps the bytes
	}
	c.v = src
	return nil
}

// text is the value as text: also a number, a time or a truth.
func (c cell) text() (string, bool) {
	switch v := c.v.(type) {
	case bool:
		return strconv.FormatBool(v), true
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano), true
	}
	return payload.TextOf(c.v)
}

// bytes is the value as the program wrote it.
func (c cell) bytes() []byte {
	text, _ := c.text()
	return []byte(text)
}

// isTrue reports that a column says yes. The databases have different words
// for it; whatever is none of them says no.
func isTrue(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case int64:
		return v != 0
	case float64:
		return v != 0
	case string:
		switch strings.ToLower(v) {
		case "1", "t", "true", "y", "yes", "on", "\x01":
			return true // \x01 is MySQL's BIT(1)
		}
	}
	return false
}

// isPresent reports that a value says something: what PHP and JavaScript would
// take for true.
func isPresent(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case int64:
		return v != 0
	case float64:
		return v != 0
	case string:
		return v != "" && v != "0" && v != "\x00"
	case []any:
		return len(v) > 0
	case map[string]any:
		return len(v) > 0
	}
	return true
}

// claimOf makes texts of a value that may be a list: of the payload, or of a
// column that holds a JSON array, which is how a query gathers several rows.
// What cannot be made texts of says nothing.
func claimOf(v any) store.Claim {
	if text, ok := v.(string); ok && strings.HasPrefix(text, "[") {
		if tree, err := payload.DecodeJSON([]byte(text)); err == nil {
			v = tree
		}
	}
	switch list := v.(type) {
	case nil:
		return store.Claim{}
	case []any:
		// Several rows gathered into a list may have one that says nothing.
		v = slices.DeleteFunc(list, func(item any) bool { return item == nil })
	default:
		if text, ok := (cell{v}).text(); ok {
			return store.Text(text)
		}
	}
	texts, ok := payload.ListOf(v)
	if !ok {
		return store.Claim{}
	}
	return store.List(texts...)
}
