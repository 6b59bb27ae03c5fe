package store

import (
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// Identity is who somebody is: the user id, and what else is known of them.
type Identity struct {
	// User is the user id, never empty in a session.
	User string
	// Claims are all else that is known of the user, by name.
	Claims Claims
}

// ErrInvalidIdentity is wrapped by every error of [Identity.Check].
var ErrInvalidIdentity = errors.New("this identity cannot be carried safely")

const (
	maxUser   = 255   // bytes; the width of the column
	maxName   = 64    // bytes of a claim's name
	maxClaims = 16384 // bytes of all claims as JSON
	groups    = "groups"
)

// Normalized returns the identity as it is stored: a claim that says nothing
// is left out, and `groups` is always a list, so that one group and several
// are read alike.
func (id Identity) Normalized() Identity {
	claims := make(Claims, len(id.Claims))
	for name, c := range id.Claims {
		if len(c.Items()) > 0 {
			claims[name] = Claim{items: c.items, list: c.list || name == groups}
		}
	}
	id.Claims = claims
	return id
}

// Check reports what would not survive the way into a header unchanged, or
// could be read as something else there: control and format characters, white
// space at the ends, text that is not UTF-8, too much of it. It names the
// field but never shows the value, for errors end up in logs.
func (id Identity) Check() error {
	if id.User == "" {
		return invalid("the user id", "is empty")
	}
	if len(id.User) > maxUser {
		return invalid("the user id", "is longer than 255 bytes")
	}
	if flaw := flawOf(id.User); flaw != "" {
		return invalid("the user id", flaw)
	}
	return id.Claims.check()
}

// check reports the first flaw in the order of the names: the error for one
// identity must not change from call to call.
func (cs Claims) check() error {
	var culprit, flaw string
	for name, c := range cs {
		if f := flawOfClaim(name, c); f != "" && (flaw == "" || name < culprit) {
			culprit, flaw = name, f
		}
	}
	switch {
	case flaw != "" && flawOfName(culprit) != "":
		return invalid("a claim", flaw) // its name is not fit to be shown
	case flaw != "":
		return invalid("the claim "+culprit, flaw)
	case cs.size() > maxClaims:
		return invalid("the claims", "are longer than 16384 bytes as JSON")
	}
	return nil
}

func invalid(field, flaw string) error {
	return fmt.Errorf("%s %s: %w", field, flaw, ErrInvalidIdentity)
}

func flawOfClaim(name string, c Claim) string {
	if flaw := flawOfName(name); flaw != "" {
		return flaw
	}
	if name == "user" {
		return "has the name of the user id; choose another name"
	}
	for _, item := range c.items {
		if flaw := flawOf(item); flaw != "" {
			return flaw
		}
	}
	return ""
}

func flawOfName(name string) string {
	for i := range len(name) {
		if !isNameByte(name[i]) {
			return "has a name with something else than letters, digits and _ . : / -"
		}
	}
	if name == "" || len(name) > maxName {
		return "has a name that is not 1 to 64 bytes long"
	}
	return ""
}

func isNameByte(b byte) bool {
	switch {
	case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9':
		return true
	}
	return b == '_' || b == '.' || b == ':' || b == '/' || b == '-'
}

// flawOf says in words what is wrong with a text, or nothing. Nearly all texts
// are printable ASCII; they never reach the slow half.
func flawOf(s string) string {
	if s == "" {
		return ""
	}
	if s[0] == ' ' || s[len(s)-1] == ' ' {
		return "has white space at an end"
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7F {
			return flawOfUnicode(s)
		}
	}
	return ""
}

func flawOfUnicode(s string) string {
	if !utf8.ValidString(s) {
		return "is not valid UTF-8"
	}
	for _, r := range s {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return "contains control or format characters"
		}
	}
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(s)
	if unicode.IsSpace(first) || unicode.IsSpace(last) {
		return "has white space at an end"
	}
	return ""
}
