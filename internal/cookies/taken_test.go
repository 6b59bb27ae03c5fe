package cookies

import (
	"net/http"
	"slices"
	"testing"
)

func TestTaken_GoesBackToTheRealmsOwnGuardOnly(t *testing.T) {
	arrived := []string{"sid=1; app=2", "a=b"}
	left := []string{"a=b"}
	a, b := new(int), new(int)
	for name, c := range map[string]struct {
		notes    []any
		decided  bool
		realm    any
		between  []string // what another handler has made of them
		restored bool
	}{
		"its own":               {notes: []any{a}, realm: a, restored: true},
		"twice":                 {notes: []any{a, a}, realm: a, restored: true},
		"nobody stripped":       {realm: a},
		"another realm's":       {notes: []any{b}, realm: a},
		"two realms'":           {notes: []any{b, a}, realm: a},
		"and back":              {notes: []any{a, b, a}, realm: a},
		"after a decision":      {notes: []any{a}, decided: true, realm: a},
		"changed in between":    {notes: []any{a}, realm: a, between: []string{}},
		"changed to other ones": {notes: []any{a}, realm: a, between: []string{"c=d"}},
	} {
		h := http.Header{"Cookie": slices.Clone(left)}
		var taken Taken
		for _, by := range c.notes {
			taken.Note(by, h, c.decided)
		}
		if c.between != nil {
			h["Cookie"] = c.between
		}
		before := slices.Clone(h["Cookie"])
		want := before
		if c.restored {
			want = arrived
		}
		taken.Restore(c.realm, h, arrived)
		if !slices.Equal(h["Cookie"], want) {
			t.Errorf("%s: %q", name, h["Cookie"])
		}
		h["Cookie"] = before
		if taken.Restore(c.realm, h, arrived); !slices.Equal(h["Cookie"], before) {
			t.Errorf("%s: given back twice", name)
		}
	}
}
