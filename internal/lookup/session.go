package lookup

import (
	"encoding/hex"
	"sync/atomic"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
)

// Session is a session as requests share it. Nothing of it changes but what is
// atomic. A cache holds many, so it is small: times are in Unix milliseconds,
// and claims one text, since nearly all requests need only what their guard has
// made of them before.
type Session struct {
	// User is the user id.
	User string

	id       [16]byte     // the public id
	claims   store.Claims // nil: they are in packed
	packed   string       // the claims as JSON
	seen     int64
	expires  int64         // 0: its program knows no end
	epoch    uint64        // the cache's, before the database was asked
	touched  atomic.Int64  // when activity was noted last
	checked  atomic.Int64  // when the database was asked last; 0: nobody wants to know
	round    atomic.Uint32 // of asking again, in which it was used last
	state    atomic.Uint32 // of the database, when that was asked last; 0: nobody knows
	prepared atomic.Pointer[Prepared]
}

// NewSession makes a session of what the store says.
func NewSession(s *store.Session) *Session {
	session := &Session{User: s.User, claims: s.Claims, packed: s.ClaimsText(), seen: s.Seen.UnixMilli()}
	if session.claims == nil {
		session.claims = store.Claims{}
	}
	if !s.Expires.IsZero() {
		session.expires = s.Expires.UnixMilli()
	}
	hex.Decode(session.id[:], []byte(s.ID)) // public ids are 16 bytes in hexadecimal
	return session
}

// pack makes the session small, before others see it.
func (s *Session) pack() {
	if text, err := s.text(); err == nil {
		s.packed, s.claims = text, nil
	}
}

// text is the claims as JSON.
func (s *Session) text() (string, error) {
	if s.packed != "" {
		return s.packed, nil
	}
	return s.claims.Text()
}

// Identity is who the session's user is.
func (s *Session) Identity() store.Identity {
	claims := s.claims
	if claims == nil {
		claims, _ = store.ParseClaims(s.packed) // which cannot fail: it was written here
	}
	return store.Identity{User: s.User, Claims: claims}
}

// PublicID is safe to show, and useless as a cookie.
func (s *Session) PublicID() string { return hex.EncodeToString(s.id[:]) }

// alive reports whether the session is neither over nor idle for too long. A
// zero idle means that its program knows no idleness.
func (s *Session) alive(now time.Time, idle time.Duration) bool {
	ms := now.UnixMilli()
	return (s.expires == 0 || s.expires > ms) && (idle == 0 || s.noted()+idle.Milliseconds() > ms)
}

// noted is when activity was noted last, as far as is known here.
func (s *Session) noted() int64 { return max(s.seen, s.touched.Load()) }

// wasChecked reports whether the database was asked for the session within the last
// milliseconds. A clock that was set back says that it was asked in the future: then
// nobody knows when that was.
func (s *Session) wasChecked(now time.Time, within int64) bool {
	return isNear(now, s.checked.Load(), within)
}

func isNear(now time.Time, then, within int64) bool {
	ago := now.UnixMilli() - then
	return ago <= within && -ago <= within
}

// sameAs reports whether another answer of the database says the same of the
// session, but for when it was used.
func (s *Session) sameAs(other *Session) bool {
	if s.User != other.User || s.expires != other.expires || s.id != other.id {
		return false
	}
	mine, err := s.text()
	theirs, otherErr := other.text()
	return err == nil && otherErr == nil && mine == theirs
}

// answered notes when the database was asked.
func (s *Session) answered(asked moment) {
	s.checked.Store(asked.at)
	s.state.Store(asked.state)
}

// sawUse notes that somebody else has used the session.
func (s *Session) sawUse(seen int64) {
	for last := s.touched.Load(); last < seen; last = s.touched.Load() {
		if s.touched.CompareAndSwap(last, seen) {
			return
		}
	}
}

// touch reports whether activity is to be noted: not if that was done within
// the interval. Of many requests at once it tells one.
func (s *Session) touch(now time.Time, interval time.Duration) bool {
	last, ms := s.touched.Load(), now.UnixMilli()
	return ms-max(last, s.seen) >= interval.Milliseconds() && s.touched.CompareAndSwap(last, ms)
}

// weight is about how many bytes the session takes in a cache, and at least its
// share of the whole, so that one limit bounds the bytes and the number of entries.
func (s *Session) weight() uint32 {
	const overhead = 400
	const share = (cacheBytes + cacheEntries - 1) / cacheEntries
	// The header values are mostly pieces of the claims, and sometimes copies.
	n := overhead + len(s.User) + 2*len(s.packed)
	return uint32(max(n, share))
}
