package format

import (
	"fmt"
	"strings"

	"github.com/seed-11312c3d/caddy-session/format/payload"
	"github.com/seed-11312c3d/caddy-session/store"
)

// result is the row that was found, with its payload.
type result struct {
	columns []column
	cells   []cell
	tree    any
}

// column finds a column by its name. Of two with one name the later counts: it
// is the user's.
func (r *result) column(name string) (cell, bool) {
	for i := len(r.columns) - 1; i >= 0; i-- {
		if r.columns[i].name == name {
			return r.cells[i], true
		}
	}
	return cell{}, false
}

// text is a column's text; nothing where the column is NULL or not there.
func (r *result) text(name string) string {
	c, _ := r.column(name)
	text, _ := c.text()
	return text
}

// destinations is where a query's columns are read into.
func destinations(cells []cell) []any {
	dest := make([]any, len(cells))
	for i := range cells {
		dest[i] = &cells[i]
	}
	return dest
}

// source is where a value comes from: a column, or a path into the payload.
type source struct {
	name   string
	column bool
	path   payload.Path
}

// source finds out what a word in the configuration means: a column of the
// result if there is one of that name, otherwise a path.
func (f *Foreign) source(word, text string) (source, error) {
	if f.has(text) {
		return source{name: text, column: true}, nil
	}
	if f.decode == nil {
		return source{}, fmt.Errorf("%s: there is no column %q in the result; there are %s", word, text, strings.Join(f.columnNames(), ", "))
	}
	path, err := payload.ParsePath(text)
	if err != nil {
		return source{}, fmt.Errorf("%s: %w", word, err)
	}
	return source{name: text, path: path}, nil
}

// value finds it; nil where it is not there.
func (s source) value(r *result) any {
	if s.column {
		c, _ := r.column(s.name)
		return c.v
	}
	v, _ := s.path.Find(r.tree)
	return v
}

// items finds it as texts.
func (s source) items(r *result) []string { return s.claim(r).Items() }

// claim finds it as a text or a list. A list of one stays a list: what joins
// the items of lists must know that a comma in it is none of its own. Only a
// column is read as a JSON array: in a payload a list is a list already.
func (s source) claim(r *result) store.Claim {
	v := s.value(r)
	if text, ok := v.(string); ok && !s.column {
		return store.Text(text)
	}
	return claimOf(v)
}
