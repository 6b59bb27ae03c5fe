package format

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrBadToken is a cookie that its program did not make, or made for another
// purpose, or no longer accepts. It says no more: which check failed is nothing
// that the sender of a cookie needs to know.
var ErrBadToken = errors.New("cookie is not one that its program made")

// Limits of a cookie: browsers keep no larger ones, and no program's row has
// a longer key.
const (
	maxToken  = 4096
	maxLookup = 256
)

// An Opener makes of a cookie's value what its row is found by, or one step
// towards it. It is pure: now is given to it. It fails with [ErrBadToken].
//
// Signatures are compared in constant time, with every secret of the list, so
// that a rotated one goes on working; they are compared as text with this
// program's own encoding, so that a cookie has only one spelling; and nothing
// is decrypted or decoded before its signature was found good.
type Opener func(value string, now time.Time) (string, error)

// ChainOpeners applies openers one after the other. It refuses cookies that
// are longer than 4096 bytes, and results that are empty or longer than 256.
func ChainOpeners(steps ...Opener) Opener {
	return func(value string, now time.Time) (string, error) {
		if len(value) > maxToken {
			return "", ErrBadToken
		}
		for _, step := range steps {
			var err error
			if value, err = step(value, now); err != nil {
				return "", err
			}
		}
		if value == "" || len(value) > maxLookup {
			return "", ErrBadToken
		}
		return value, nil
	}
}

// checkSecrets refuses what signs nothing. An empty secret is most often an
// environment variable that is not set, and anybody can sign with it.
func checkSecrets(secrets []string) error {
	if len(secrets) == 0 {
		return errors.New("no secret is given")
	}
	for i, secret := range secrets {
		if secret == "" {
			return fmt.Errorf("secret %d is empty", i+1)
		}
	}
	return nil
}

// checkKeys refuses keys of a length that a format does not have.
func checkKeys(keys [][]byte, lengths ...int) error {
	if len(keys) == 0 {
		return errors.New("no key is given")
	}
	for i, key := range keys {
		if !slices.Contains(lengths, len(key)) {
			return fmt.Errorf("key %d has %d bytes; it must have one of %v", i+1, len(key), lengths)
		}
	}
	return nil
}
