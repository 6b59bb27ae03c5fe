package caddysession

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/seed-11312c3d/caddy-session/internal/identity"
	"github.com/seed-11312c3d/caddy-session/store"
)

// KeepConfig says which items of a claim count at a login.
type KeepConfig struct {
	// The claim's name.
	Claim string `json:"claim"`

	// What an item must be: a text, in which one `*` stands for anything.
	Patterns []string `json:"patterns"`
}

// separator is what separates the items of a text.
func (l *Login) separator() string { return cmp.Or(l.Separator, ",") }

// checkClaims refuses options that could not work.
func (l *Login) checkClaims() error {
	if strings.Trim(l.Separator, " \t") == "" && l.Separator != "" {
		return fmt.Errorf("separator %q: white space is taken off items; choose another", l.Separator)
	}
	kept := make(map[string]bool)
	for _, keep := range l.Keep {
		switch {
		case keep.Claim == "" || len(keep.Patterns) == 0:
			return errors.New("keep: it needs a claim and at least one pattern")
		case keep.Claim == "user":
			return errors.New("keep user: the user id is no list; refuse users where they log in")
		case kept[keep.Claim]:
			return fmt.Errorf("keep %s: it is given twice; put all patterns into one", keep.Claim)
		}
		kept[keep.Claim] = true
		for _, pattern := range keep.Patterns {
			if strings.Count(pattern, "*") > 1 {
				return fmt.Errorf("keep %s: %q has more than one `*`", keep.Claim, pattern)
			}
		}
	}
	return nil
}

// keep leaves of the claims what the configuration lets count.
func (l *Login) keep(claims store.Claims) {
	for _, keep := range l.Keep {
		identity.Keep(claims, keep.Claim, keep.Patterns)
	}
}
