package caddysession

import (
	"encoding/hex"
	"sync/atomic"
	"time"

	"github.com/seed-11312c3d/caddy-session/internal/headers"
	"github.com/seed-11312c3d/caddy-session/store"
)

// found is a session as it was found. Requests share it, so nothing of it
// changes but what is atomic. A cache holds many, so it is small: times are in
// Unix milliseconds, and claims one text, since nearly all requests need only
// what their guard has made of them before.
type found struct {
	user    string
	id      [16]byte     // the public id
	claims  store.Claims // nil: they are in packed
	packed  string       // the claims as JSON
	seen    int64
	expires int64                    // 0: its program knows no end
	epoch   uint64                   // the cache's, before the database was asked
	touched atomic.Int64             // when activity was noted last
	made    atomic.Pointer[handover] // what guards have made of it
}

func newFound(s *store.Session) *found {
	f := &found{user: s.User, claims: s.Claims, seen: s.Seen.UnixMilli()}
	if f.claims == nil {
		f.claims = store.Claims{}
	}
	if !s.Expires.IsZero() {
		f.expires = s.Expires.UnixMilli()
	}
	hex.Decode(f.id[:], []byte(s.ID)) // public ids are 16 bytes in hexadecimal
	return f
}

// pack makes the session small, before others see it.
func (f *found) pack() {
	if text, err := f.claims.Text(); err == nil {
		f.packed, f.claims = text, nil
	}
}

// identity is who the session's user is.
func (f *found) identity() store.Identity {
	claims := f.claims
	if claims == nil {
		claims, _ = store.ParseClaims(f.packed) // which cannot fail: it was written here
	}
	return store.Identity{User: f.user, Claims: claims}
}

// publicID is safe to show, and useless as a cookie.
func (f *found) publicID() string { return hex.EncodeToString(f.id[:]) }

// alive reports whether the session is neither over nor idle for too long. A
// zero idle means that its program knows no idleness.
func (f *found) alive(now time.Time, idle time.Duration) bool {
	ms, seen := now.UnixMilli(), max(f.seen, f.touched.Load())
	return (f.expires == 0 || f.expires > ms) && (idle == 0 || seen+idle.Milliseconds() > ms)
}

// handover is what a guard makes of a session, once for all its requests.
type handover struct {
	names     *headers.Names // the guard's own; the guard itself would keep its whole configuration in memory
	next      *handover      // another guard's
	values    []string       // of the guard's headers, in their order
	permitted bool           // the session has what the guard requires
}

// maxHandovers bounds the memory that a session takes for guards.
const maxHandovers = 8

// handoverTo returns what a guard has made of the session, or nil.
func (f *found) handoverTo(g *Guard) *handover {
	for h := f.made.Load(); h != nil; h = h.next {
		if h.names == g.names {
			return h
		}
	}
	return nil
}

// keep remembers what a guard has made of the session. When two requests do so
// at once, one of the two is forgotten, and made again later.
func (f *found) keep(made handover) {
	known := f.made.Load()
	made.next = known
	n := 1
	for other := known; other != nil; other = other.next {
		if n++; n > maxHandovers {
			made.next = nil // the others are made again
		}
	}
	f.made.CompareAndSwap(known, &made)
}
