package store

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
)

// A token is what the cookie carries: random bytes, and a MAC over them that
// only this store's nodes can make. So a made-up cookie is recognized without
// asking the database.
const (
	randomLen = 32
	macLen    = 16

	// TokenLen is the length of every token: base64url without padding, which
	// for this many bytes has no spare bits, so that a token has one spelling.
	TokenLen = (randomLen + macLen) / 3 * 4
)

// Key is what a session is found by: the SHA-256 of its token's random bytes.
// Whoever reads the database finds no token in it.
type Key [sha256.Size]byte

// number is what the row is found by: the first 63 bits, which are random. A number
// costs a database less than 32 bytes, in the table and in each index.
func (k Key) number() int64 { return int64(binary.BigEndian.Uint64(k[:8]) >> 1) }

// ID returns the public id of the session: safe to show, useless as a cookie.
func (k Key) ID() string { return hex.EncodeToString(k[:len(k)/2]) }

// ParseID returns the first and the last of the keys that have a public id.
func ParseID(id string) (lo, hi Key, err error) {
	half, err := hex.DecodeString(id)
	if err != nil || len(half) != len(lo)/2 || hex.EncodeToString(half) != id {
		return Key{}, Key{}, errors.New("a session's id is 32 digits and letters from a to f; `caddy session list` shows them")
	}
	for i := range hi {
		hi[i] = 0xFF
	}
	copy(lo[:], half)
	copy(hi[:], half)
	return lo, hi, nil
}

const base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// digits is the value of each base64url character; of all others, notDigit.
var digits = func() (table [256]byte) {
	for i := range table {
		table[i] = notDigit
	}
	for i := range len(base64url) {
		table[base64url[i]] = byte(i)
	}
	return table
}()

const notDigit = 0xFF

// decodeToken reads base64url. Go's decoder skips line breaks, so there a
// token would have many spellings.
func decodeToken(raw *[randomLen + macLen]byte, s string) bool {
	if len(s) != TokenLen {
		return false
	}
	wrong := byte(0)
	for i := 0; i < TokenLen; i += 4 {
		a, b, c, d := digits[s[i]], digits[s[i+1]], digits[s[i+2]], digits[s[i+3]]
		wrong |= a | b | c | d // only notDigit has the two upper bits
		o := i / 4 * 3
		raw[o], raw[o+1], raw[o+2] = a<<2|b>>4, b<<4|c>>2, c<<6|d
	}
	return wrong < 64
}
