package headers

import (
	"errors"
	"strings"
	"testing"
)

// H6: of another program's list, an item that would read as two is left out,
// and no item that is sent reads as another one; of our own it fails the request.
func TestH6_ItemsWithTheSeparator(t *testing.T) {
	for _, c := range []struct {
		separator string
		items     []string
		want      string
	}{
		{",", []string{"users", "a,admins", "staff"}, "users,staff"},
		{",", []string{"a,admins"}, ""},
		{",", []string{",", "users"}, "users"},
		{"::", []string{"a:", ":b", "c"}, "a:"},
		{"::", []string{"a", ":b"}, "a"},
		{",", []string{"users"}, "users"},
		{",", nil, ""},
	} {
		h, err := Parse("X-Groups", "{http.session.claims.groups}", "")
		if err != nil {
			t.Fatal(err)
		}
		id := Identity{User: "alice", Claim: func(string) ([]string, bool) { return c.items, true }}
		_, ours := h.Value(id, c.separator, nil)
		id.Foreign = true
		got, err := h.Value(id, c.separator, nil)
		complete := strings.Join(c.items, c.separator) == got
		if got != c.want || (err == nil) != complete || err != nil && !errors.Is(err, ErrItemLeftOut) {
			t.Errorf("%q: %q, %v; want %q", c.items, got, err, c.want)
		}
		if (ours == nil) != complete || ours != nil && !errors.Is(ours, ErrRefused) {
			t.Errorf("%q, our own: %v", c.items, ours)
		}
	}
}
