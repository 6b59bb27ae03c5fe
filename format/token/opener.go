package token

import (
	"errors"
	"fmt"
	"time"
)

// ErrBad is a cookie that its program did not make, or made for another
// purpose, or no longer accepts. It says no more: which check failed is nothing
// that the sender of a cookie needs to know.
var ErrBad = errors.New("cookie is not one that its program made")

// errLong tells an operator of steps that are missing, and a sender nothing.
var errLong = fmt.Errorf("%w: after the last token step it is longer than 256 bytes, and no row's key is; a hash or a match may be missing", ErrBad)

// Limits of a cookie: browsers keep no larger ones, and no program's row has
// a longer key.
const (
	maxToken  = 4096
	maxLookup = 256
)

// An Opener makes of a cookie's value what its row is found by, or one step
// towards it. It is pure: now is given to it. It fails with [ErrBad].
//
// Signatures are compared in constant time, with every secret of the list, so
// that a rotated one goes on working; they are compared as text with this
// program's own encoding, so that a cookie has only one spelling; and nothing
// that a signature covers is decrypted or decoded before that was found good.
type Opener func(value string, now time.Time) (string, error)

// Chain applies openers one after the other.
func Chain(steps ...Opener) Opener {
	return func(value string, now time.Time) (string, error) {
		for _, step := range steps {
			var err error
			if value, err = step(value, now); err != nil {
				return "", err
			}
		}
		return value, nil
	}
}

// Bounded refuses cookies that are longer than 4096 bytes, and results that are
// empty or longer than 256.
func Bounded(open Opener) Opener {
	return func(value string, now time.Time) (string, error) {
		if len(value) > maxToken {
			return "", ErrBad
		}
		value, err := open(value, now)
		if err != nil {
			return "", err
		}
		if len(value) > maxLookup {
			return "", errLong
		}
		if value == "" {
			return "", ErrBad
		}
		return value, nil
	}
}
