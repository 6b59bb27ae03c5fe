package address

import (
	"fmt"
	"regexp"
	"strings"
)

// paramName is what a parameter's name looks like. Anything else may be part of
// a password that was not escaped, and is not shown.
var paramName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,47}$`)

func (p param) shown() string {
	if !paramName.MatchString(p.name) && !strings.HasPrefix(p.name, "_") {
		return "whose name is not shown here"
	}
	return p.name
}

// unknown is the error for what nobody knows.
func (p param) unknown(kind string) error {
	return fmt.Errorf("the parameter %s of the database's URL is unknown for %s; check its spelling, or leave it out", p.shown(), kind)
}

// wrong is the error for a value that means nothing. The value is not shown.
func (p param) wrong(want string) error {
	return fmt.Errorf("the parameter %s of the database's URL has a value that is not understood; it must be %s", p.shown(), want)
}

// refused is the error for what would be dangerous to ignore.
func (p param) refused(why string) error {
	return fmt.Errorf("the parameter %s of the database's URL cannot be followed here: %s", p.shown(), why)
}
