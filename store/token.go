package store

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
)

// A token is what the cookie carries: what it is for, which key it has its MAC
// from, when it was made, random bytes, and the MAC, which only this store's nodes
// can make. So a made-up cookie is recognized without asking the database.
const (
	headLen   = 1 + 4 + 4 // purpose, id of the key, seconds since 1970
	randomLen = 32
	macLen    = 16
	rawLen    = headLen + randomLen + macLen

	// TokenLen is the length of every token: base64url without padding, which
	// for this many bytes has no spare bits, so that a token has one spelling.
	TokenLen = rawLen / 3 * 4

	// Tokens of the first form were random bytes and a MAC over them and the realm.
	// They count as long as their sessions live.
	firstRawLen = randomLen + macLen
	firstLen    = firstRawLen / 3 * 4
)

// HoldsForAnyCookie reports whether a cookie has the form of a token of the first
// kind, which says nothing of the cookie that it was made for.
func HoldsForAnyCookie(value string) bool {
	var first [firstRawLen]byte
	return decodeToken(first[:], value)
}

// forSession is the purpose of a token that is a session's cookie. Those of other
// purposes are nothing here, whoever has made them.
const forSession = 1

// Token is what a cookie says, proved by its MAC.
type Token struct {
	// Key is what its session is found by.
	Key Key
	// Made is when the token was made, in seconds since 1970; 0: it does not say.
	Made int64
}

// raw is a token's bytes.
type raw [rawLen]byte

func (r *raw) keyID() uint32   { return binary.BigEndian.Uint32(r[1:]) }
func (r *raw) made() int64     { return int64(binary.BigEndian.Uint32(r[5:])) }
func (r *raw) signed() []byte  { return r[:headLen+randomLen] }
func (r *raw) random() []byte  { return r[headLen:][:randomLen] }
func (r *raw) mac() []byte     { return r[headLen+randomLen:] }
func (r *raw) isSession() bool { return r[0] == forSession }

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
func decodeToken(raw []byte, s string) bool {
	if len(s) != len(raw)/3*4 {
		return false
	}
	wrong := byte(0)
	for i := 0; i < len(s); i += 4 {
		a, b, c, d := digits[s[i]], digits[s[i+1]], digits[s[i+2]], digits[s[i+3]]
		wrong |= a | b | c | d // only notDigit has the two upper bits
		o := i / 4 * 3
		raw[o], raw[o+1], raw[o+2] = a<<2|b>>4, b<<4|c>>2, c<<6|d
	}
	return wrong < 64
}
