package store

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash"
	"sync"
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

// Keyring holds the keys that MACs are made with, newest first. Old ones are
// kept so that a new key logs nobody out. It never changes: a change of keys is
// another Keyring.
type Keyring struct {
	keys   []*macKey
	signer *macKey
}

// newKeyring makes a ring of secrets, newest first. New tokens get the MAC of
// the one at index signer.
func newKeyring(secrets [][]byte, signer int) *Keyring {
	r := new(Keyring)
	for _, secret := range secrets {
		r.keys = append(r.keys, newMACKey(secret))
	}
	r.signer = r.keys[signer]
	return r
}

// Mint makes a new token for a realm, and the key of its session.
func (r *Keyring) Mint(realm string) (token string, key Key) {
	var raw [randomLen + macLen]byte
	rand.Read(raw[:randomLen]) // never fails: the program ends if it would
	m := r.signer.get()
	defer r.signer.put(m)
	copy(raw[randomLen:], m.token(realm, raw[:randomLen]))
	return base64.RawURLEncoding.EncodeToString(raw[:]), sha256.Sum256(raw[:randomLen])
}

// Verify returns the key of the session that a cookie stands for. It reports
// false for everything but the exact bytes of a token that was made for this
// realm.
func (r *Keyring) Verify(realm, cookie string) (Key, bool) {
	var raw [randomLen + macLen]byte
	if !decodeToken(&raw, cookie) {
		return Key{}, false
	}
	for _, key := range r.keys {
		if key.verify(realm, &raw) {
			return sha256.Sum256(raw[:randomLen]), true
		}
	}
	return Key{}, false
}

// MAC returns a MAC over texts, for cookies other than the session's. No two
// lists of texts, and no two purposes, have the same one.
func (r *Keyring) MAC(purpose string, parts ...string) [macLen]byte {
	m := r.signer.get()
	defer r.signer.put(m)
	m.in = appendText(append(m.in[:0], "caddy-session mac v1\x00"...), purpose)
	for _, part := range parts {
		m.in = appendText(m.in, part)
	}
	return [macLen]byte(m.sum())
}

// macKey is one secret, with hashes that are ready for use.
type macKey struct{ pool sync.Pool }

func newMACKey(secret []byte) *macKey {
	return &macKey{sync.Pool{New: func() any {
		return &mac{hash: hmac.New(sha256.New, secret)}
	}}}
}

func (k *macKey) get() *mac  { return k.pool.Get().(*mac) }
func (k *macKey) put(m *mac) { k.pool.Put(m) }

func (k *macKey) verify(realm string, raw *[randomLen + macLen]byte) bool {
	m := k.get()
	defer k.put(m)
	return subtle.ConstantTimeCompare(m.token(realm, raw[:randomLen]), raw[randomLen:]) == 1
}

// mac computes one MAC at a time. Its buffers are kept with the hash, for what
// is handed to a hash would be allocated each time otherwise.
type mac struct {
	hash hash.Hash
	in   []byte
	out  [sha256.Size]byte
}

// token returns the MAC of a token. The realm is part of it: in another realm
// the token is nothing.
func (m *mac) token(realm string, random []byte) []byte {
	m.in = appendText(append(m.in[:0], "caddy-session token v1\x00"...), realm)
	m.in = append(m.in, random...)
	return m.sum()
}

func (m *mac) sum() []byte {
	m.hash.Reset()
	m.hash.Write(m.in)
	return m.hash.Sum(m.out[:0])[:macLen]
}

// appendText puts a text's length before it, so that ("ab", "c") and ("a", "bc")
// differ.
func appendText(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint64(b, uint64(len(s))), s...)
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
