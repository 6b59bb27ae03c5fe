package store

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"slices"
	"sync"
	"time"
)

// Keyring holds the keys that MACs are made with, newest first. Old ones are
// kept so that a new key logs nobody out. It never changes: a change of keys is
// another Keyring.
type Keyring struct {
	keys   []*macKey
	signer *macKey
}

// NewKeyring makes a ring of one secret, for those who have no keys in a
// database: it makes MACs, but no session has a token of it.
func NewKeyring(key []byte) *Keyring { return newKeyring([]secret{{0, key}}, 0) }

// secret is a key as the database has it.
type secret struct {
	id    uint32
	bytes []byte
}

// newKeyring makes a ring of secrets, newest first. New tokens get the MAC of
// the one at index signer.
func newKeyring(secrets []secret, signer int) *Keyring {
	r := new(Keyring)
	for _, s := range secrets {
		r.keys = append(r.keys, newMACKey(s))
	}
	r.signer = r.keys[signer]
	return r
}

// Mint makes a new token for a realm, to be the value of a cookie of that name, and
// the key of its session.
func (r *Keyring) Mint(realm, cookie string, now time.Time) (token string, key Key) {
	var t raw
	t[0] = forSession
	binary.BigEndian.PutUint32(t[1:], r.signer.id)
	binary.BigEndian.PutUint32(t[5:], uint32(now.Unix()))
	rand.Read(t.random()) // never fails: the program ends if it would
	m := r.signer.get()
	defer r.signer.put(m)
	copy(t.mac(), m.token(realm, cookie, t.signed()))
	return base64.RawURLEncoding.EncodeToString(t[:]), sha256.Sum256(t.random())
}

// Verify returns what the value of a cookie of that name says. It reports false for
// everything but the exact bytes of a token that was made for this realm and cookie.
func (r *Keyring) Verify(realm, cookie, value string) (Token, bool) {
	var t raw
	if len(value) == firstLen {
		return r.verifyFirst(realm, value)
	}
	if !decodeToken(t[:], value) || !t.isSession() {
		return Token{}, false
	}
	for _, key := range r.keys {
		if key.id == t.keyID() && key.verify(realm, cookie, &t) {
			return Token{sha256.Sum256(t.random()), t.made()}, true
		}
	}
	return Token{}, false
}

// verifyFirst is Verify for tokens of the first form, which know no cookie's name.
func (r *Keyring) verifyFirst(realm, value string) (Token, bool) {
	var first [firstRawLen]byte
	if !decodeToken(first[:], value) {
		return Token{}, false
	}
	for _, key := range r.keys {
		if key.verifyFirst(realm, &first) {
			return Token{Key: sha256.Sum256(first[:randomLen])}, true
		}
	}
	return Token{}, false
}

// Lacks reports whether the value of a cookie has the form of a token whose key is
// not in the ring: one may have come to the database since.
func (r *Keyring) Lacks(value string) bool {
	var t raw
	return decodeToken(t[:], value) && t.isSession() &&
		!slices.ContainsFunc(r.keys, func(key *macKey) bool { return key.id == t.keyID() })
}

// WellFormed reports whether a cookie could be a token of any store: whoever
// has no keys yet can tell the rest from a token all the same.
func WellFormed(value string) bool {
	var t raw
	var first [firstRawLen]byte
	return decodeToken(t[:], value) && t.isSession() || decodeToken(first[:], value)
}

// MAC returns a MAC over texts, for cookies other than the session's. No two
// lists of texts, and no two purposes, have the same one.
func (r *Keyring) MAC(purpose string, parts ...string) [macLen]byte {
	m := r.signer.get()
	defer r.signer.put(m)
	return [macLen]byte(m.texts(purpose, parts))
}

// MACs are what [Keyring.MAC] returns, and has returned with older keys.
func (r *Keyring) MACs(purpose string, parts ...string) [][macLen]byte {
	macs := make([][macLen]byte, len(r.keys))
	for i, key := range r.keys {
		macs[i] = key.mac(purpose, parts)
	}
	return macs
}

// macKey is one secret, with hashes that are ready for use.
type macKey struct {
	id   uint32
	pool sync.Pool
}

func newMACKey(s secret) *macKey {
	return &macKey{s.id, sync.Pool{New: func() any {
		return &mac{hash: hmac.New(sha256.New, s.bytes)}
	}}}
}

func (k *macKey) get() *mac  { return k.pool.Get().(*mac) }
func (k *macKey) put(m *mac) { k.pool.Put(m) }

func (k *macKey) verify(realm, cookie string, t *raw) bool {
	m := k.get()
	defer k.put(m)
	return subtle.ConstantTimeCompare(m.token(realm, cookie, t.signed()), t.mac()) == 1
}

func (k *macKey) verifyFirst(realm string, first *[firstRawLen]byte) bool {
	m := k.get()
	defer k.put(m)
	return subtle.ConstantTimeCompare(m.firstToken(realm, first[:randomLen]), first[randomLen:]) == 1
}

func (k *macKey) mac(purpose string, parts []string) [macLen]byte {
	m := k.get()
	defer k.put(m)
	return [macLen]byte(m.texts(purpose, parts))
}

// mac computes one MAC at a time. Its buffers are kept with the hash, for what
// is handed to a hash would be allocated each time otherwise.
type mac struct {
	hash hash.Hash
	in   []byte
	out  [sha256.Size]byte
}

// token returns the MAC of a token. Realm and cookie are part of it: in another
// realm, or under another name, the token is nothing.
func (m *mac) token(realm, cookie string, signed []byte) []byte {
	m.in = appendText(appendText(append(m.in[:0], "caddy-session token v2\x00"...), realm), cookie)
	m.in = append(m.in, signed...)
	return m.sum()
}

// firstToken returns the MAC of a token of the first form.
func (m *mac) firstToken(realm string, random []byte) []byte {
	m.in = appendText(append(m.in[:0], "caddy-session token v1\x00"...), realm)
	m.in = append(m.in, random...)
	return m.sum()
}

// texts returns the MAC of texts for a purpose.
func (m *mac) texts(purpose string, parts []string) []byte {
	m.in = appendText(append(m.in[:0], "caddy-session mac v1\x00"...), purpose)
	for _, part := range parts {
		m.in = appendText(m.in, part)
	}
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
