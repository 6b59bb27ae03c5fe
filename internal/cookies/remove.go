package cookies

import (
	"net/http"
	"slices"
	"strings"
)

// RemoveIfAny is Remove for requests that mostly have nothing to remove.
func RemoveIfAny(h http.Header, remove func(name, value string) bool) {
	for _, line := range h["Cookie"] {
		for pair := range strings.SplitSeq(line, ";") {
			if remove(Name(pair), Value(pair)) {
				Remove(h, remove)
				return
			}
		}
	}
}

// Remove removes cookies from the Cookie lines, and leaves the
// bytes and the order of all others as they are.
func Remove(h http.Header, remove func(name, value string) bool) {
	kept := h["Cookie"][:0] // in place: the lines are this request's own
	for _, line := range h["Cookie"] {
		if line = without(line, remove); line != "" {
			kept = append(kept, line)
		}
	}
	if h["Cookie"] = kept; len(kept) == 0 {
		delete(h, "Cookie")
	}
}

// without mostly leaves one piece of the line, which needs no copy.
func without(line string, remove func(name, value string) bool) string {
	from, to := 0, 0
	for at := 0; at <= len(line); {
		end := len(line)
		if i := strings.IndexByte(line[at:], ';'); i >= 0 {
			end = at + i
		}
		switch pair := line[at:end]; {
		case remove(Name(pair), Value(pair)):
		case from == to:
			from, to = end-len(strings.TrimLeft(pair, " \t")), end
		case to != at-1:
			return piecedTogether(line, remove)
		default:
			to = end
		}
		at = end + 1
	}
	return line[from:to]
}

func piecedTogether(line string, remove func(name, value string) bool) string {
	var kept strings.Builder
	kept.Grow(len(line))
	for pair := range strings.SplitSeq(line, ";") {
		switch {
		case remove(Name(pair), Value(pair)):
		case kept.Len() == 0:
			kept.WriteString(strings.TrimLeft(pair, " \t"))
		default:
			kept.WriteByte(';')
			kept.WriteString(pair)
		}
	}
	return kept.String()
}

// FilterSetCookies drops the Set-Cookie lines of a response that set a cookie
// which is not the upstream's to set, except for the lines in ours.
func FilterSetCookies(h http.Header, key string, ours []string, remove func(name, value string) bool) {
	kept := slices.DeleteFunc(h[key], func(line string) bool {
		pair, _, _ := strings.Cut(line, ";")
		return remove(Name(pair), trim(Value(pair))) && !slices.Contains(ours, line)
	})
	if h[key] = kept; len(kept) == 0 {
		delete(h, key)
	}
}

// Taken is what guards that only strip have taken out of a request, for the guard
// behind them that decides: which cookies go on is for it to say.
type Taken struct {
	by      any      // the realm whose guards they are
	several bool     // realms
	left    []string // the Cookie lines that they have left
}

// Note is called after a guard of a realm has taken cookies out. When a guard has
// decided before, there is nothing to be given back.
func (t *Taken) Note(realm any, h http.Header, decided bool) {
	switch {
	case decided, t.by != nil && t.by != realm:
		t.by, t.several = nil, true
	case !t.several:
		t.by, t.left = realm, slices.Clone(h["Cookie"])
	}
}

// Restore gives a guard of a realm the cookies as they arrived, where only guards of
// that realm have taken some out. What another handler has made of them since stays.
func (t *Taken) Restore(realm any, h http.Header, arrived []string) {
	if t.by == realm && len(arrived) > 0 && slices.Equal(h["Cookie"], t.left) {
		h["Cookie"] = slices.Clone(arrived)
	}
	t.by, t.several = nil, true
}
