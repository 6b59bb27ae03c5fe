package preset

import (
	"errors"
	"slices"
	"strings"

	"github.com/seed-11312c3d/caddy-session/format"
)

// secretNeed is whether a program signs its cookies or rows.
type secretNeed int

const (
	// The zero value is a program that signs nothing.

	// signs: it starts without a secret only with insecure_unsigned.
	signs secretNeed = iota + 1
	// needsSecret: nothing can be found, or everything be guessed, without it.
	needsSecret
)

// check refuses a configuration without the secret that a program needs.
func (need secretNeed) check(o format.Options) error {
	switch {
	case slices.ContainsFunc(o.Secret, isBlank):
		return errors.New("secret is empty, or only white space; is the environment variable or file set?")
	case need == needsSecret && o.InsecureUnsigned:
		return errors.New("insecure_unsigned is not allowed here: without the secret anybody could be anybody")
	case need == needsSecret && len(o.Secret) == 0:
		return errors.New("secret is missing: add secret {env.NAME} with the program's own")
	case need == signs && len(o.Secret) > 0 && o.InsecureUnsigned:
		return errors.New("secret and insecure_unsigned contradict each other; remove one")
	case need == signs && len(o.Secret) == 0 && !o.InsecureUnsigned:
		return errors.New("secret is missing: add secret {env.NAME} with the program's own, or insecure_unsigned to do without its signatures")
	}
	return nil
}

// isBlank: a file with nothing but a line's end, or a variable of spaces, is as
// good as none.
func isBlank(secret string) bool { return strings.TrimSpace(secret) == "" }

// signedOr chooses the token steps: those that check a signature, or with
// insecure_unsigned those that do not.
func signedOr(o format.Options, signed, unsigned string) []string {
	if o.InsecureUnsigned {
		return []string{unsigned}
	}
	return []string{signed}
}
