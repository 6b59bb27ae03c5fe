package token_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/seed-11312c3d/caddy-session/format/token"
)

// A cookie of express-session is unescaped, its signature checked and taken off.
// An older secret goes on working.
func Example() {
	unsign, err := token.OpenExpress([]string{"the new secret", "keyboard cat"})
	if err != nil {
		fmt.Println(err)
		return
	}
	open := token.Bounded(token.Chain(token.UnescapeJS, unsign))
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

	fmt.Println(open("s%3Aabc.BpxCrWRpvZMh%2Fwk%2Fdjl34N%2Bm%2BVQEU7K%2F5WenLwJCgFU", now))

	_, err = open("s%3Aabd.BpxCrWRpvZMh%2Fwk%2Fdjl34N%2Bm%2BVQEU7K%2F5WenLwJCgFU", now)
	fmt.Println(errors.Is(err, token.ErrBad))

	_, err = token.OpenExpress([]string{""})
	fmt.Println(err)

	// Output:
	// abc <nil>
	// true
	// secret 1 is empty
}

// Where a table holds a hash of the cookie, a leaked table opens no session.
func ExampleOpenHash() {
	hash, err := token.OpenHash("sha256", "hex", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(hash("abc", time.Time{}))

	// Output:
	// ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad <nil>
}

// A cookie of two halves is found by the first and proved by the second.
func ExampleSplit() {
	id, secret, err := token.Split("session-7.c2VjcmV0")
	fmt.Println(id, secret, err)

	column := []byte("\x2b\xb8\x0d\x53\x7b\x1d\xa3\xe3\x8b\xd3\x03\x61\xaa\x85\x56\x86\xbd\xe0\xea\xcd\x71\x62\xfe\xf6\xa2\x5f\xe9\x7b\xf5\x27\xa2\x5b")
	fmt.Println(token.ProvesSHA256Base64(secret, column), token.ProvesSHA256(secret, column))

	// Output:
	// session-7 c2VjcmV0 <nil>
	// true false
}
