package cookies

import "strings"

// resembles reports whether name is the cookie's, or one that a less strict
// reader might take for it: in another case, with white space around, or as
// the value of a cookie without a name.
func (c *Cookie) resembles(name string) bool {
	if len(name) < len(c.Name) {
		return false
	}
	if len(name) > len(c.Name) {
		name = strings.TrimFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f })
	}
	return strings.EqualFold(name, c.Name)
}

// Owns reports whether a cookie of that name is the module's alone.
func (c *Cookie) Owns(name string) bool {
	return c.resembles(name) || c.isChunk(name) || c.App != nil && c.App.Binds(name)
}

// isChunk reports whether name is a part of the cookie, as programs make them
// of values that are too long for one. No session's key is.
func (c *Cookie) isChunk(name string) bool {
	if !c.Chunked {
		return false
	}
	number, ok := strings.CutPrefix(name, c.Name+".")
	return ok && number != "" && strings.Trim(number, "0123456789") == ""
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
