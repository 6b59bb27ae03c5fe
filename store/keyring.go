package store

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"sync"
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
func NewKeyring(secret []byte) *Keyring { return newKeyring([][]byte{secret}, 0) }

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
	var random [randomLen]byte
	rand.Read(random[:]) // never fails: the program ends if it would
	return r.seal(realm, random[:]), sha256.Sum256(random[:])
}

// seal makes the token of random bytes.
func (r *Keyring) seal(realm string, random []byte) string {
	m := r.signer.get()
	defer r.signer.put(m)
	raw := append(random[:randomLen:randomLen], m.token(realm, random)...)
	return base64.RawURLEncoding.EncodeToString(raw)
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

// WellFormed reports whether a cookie could be a token of any store: whoever
// has no keys yet can tell the rest from a token all the same.
func WellFormed(cookie string) bool {
	var raw [randomLen + macLen]byte
	return decodeToken(&raw, cookie)
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

// token returns the MAC of a token. The realm is part of it: in another realm
// the token is nothing.
func (m *mac) token(realm string, random []byte) []byte {
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
