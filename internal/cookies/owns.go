package cookies

import "strings"

// resembles reports whether name is the wanted one, or one that a less strict
// reader might take for it: in another case, with white space around, or as
// the value of a cookie without a name.
func resembles(name, wanted string) bool {
	if len(name) < len(wanted) {
		return false
	}
	if len(name) > len(wanted) {
		name = strings.TrimFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f })
	}
	return strings.EqualFold(name, wanted)
}

// Owns reports whether a cookie of that name is the module's alone.
func (c *Cookie) Owns(name string) bool {
	return resembles(name, c.Name) || c.Else != "" && resembles(name, c.Else) || c.isChunk(name) || name == c.AskAgain() ||
		c.App != nil && c.App.Binds(name)
}

// isChunk reports whether name is a part of the cookie, as programs make them
// of values that are too long for one. No session's key is.
func (c *Cookie) isChunk(name string) bool {
	if !c.Chunked {
		return false
	}
	number, ok := strings.CutPrefix(name, c.Name+".")
	if !ok && c.Else != "" {
		number, ok = strings.CutPrefix(name, c.Else+".")
	}
	return ok && number != "" && strings.Trim(number, "0123456789") == ""
}

// IsName reports whether name is exactly one that the cookie has.
func (c *Cookie) IsName(name string) bool {
	return name == c.Name || name == c.Else && name != ""
}

// Names are those that the cookie may have.
func (c *Cookie) Names() []string {
	if c.Else == "" {
		return []string{c.Name}
	}
	return []string{c.Name, c.Else}
}

// IsFormer reports whether name is exactly the former one.
func (c *Cookie) IsFormer(name string) bool { return name == c.Former && name != "" }

// NameIn is the name of the cookie in a request: the second only where the first
// does not stand there at all.
func (c *Cookie) NameIn(lines []string) string {
	if c.Else == "" {
		return c.Name
	}
	for range Values(lines, c.Name) {
		return c.Name
	}
	return c.Else
}

// HasChunks reports whether a request has parts of the cookie.
func (c *Cookie) HasChunks(lines []string) bool {
	for _, line := range lines {
		for pair := range strings.SplitSeq(line, ";") {
			if c.isChunk(Name(pair)) {
				return true
			}
		}
	}
	return false
}
