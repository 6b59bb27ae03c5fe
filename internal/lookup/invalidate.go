package lookup

import (
	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
)

// sessionEnded notes that a session has ended, or may have where it is not certain,
// here and with what goes on under it.
func (r *Realm) sessionEnded(key store.Key, certain bool) {
	r.cache.invalidate(key, certain)
	if certain {
		r.streams.end(key)
	} else {
		r.streams.hurry(func(s *Stream) bool { return s.lookup.Key == key })
	}
}

// userEnded notes that sessions of a user have ended, or may have.
func (r *Realm) userEnded(user string) {
	r.cache.invalidateUser(user)
	r.streams.hurry(func(s *Stream) bool { return s.session.User == user })
}

// allEnded notes that any session may have ended.
func (r *Realm) allEnded() {
	r.cache.invalidateAll()
	r.streams.hurry(nil)
}

// hasEnded reports whether something has ended, or may have, after the database
// was asked for s.
func (c *cache) hasEnded(what ending, s *Session) bool {
	if s.epoch == c.epoch.Load() {
		return false
	}
	if s.epoch < c.invalidBefore.Load() {
		return true
	}
	at, ok := c.ended.GetIfPresent(what)
	return ok && s.epoch < at
}

// invalidate drops a session that has ended on this node, or may have: of a
// statement that failed nobody knows whether it has happened, so only one that
// is certain goes into the negative cache. A lookup that is under way cannot
// bring it back: the library does not keep its answer, and stale copies have an
// epoch. A realm without a cache has a nil one.
func (c *cache) invalidate(key store.Key, certain bool) {
	if c == nil {
		return
	}
	if c.negative && certain {
		c.dead.Set(key, format.ErrUnknown)
	}
	c.end(ending{key: key})
	if c.stale != nil {
		c.stale.Invalidate(key)
	}
	c.live.Invalidate(key)
}

// invalidateUser has all sessions of a user looked up again, those that are
// being looked up included.
func (c *cache) invalidateUser(user string) {
	if c != nil {
		c.end(ending{user: user})
	}
}

// invalidateAll has all sessions looked up again.
func (c *cache) invalidateAll() {
	if c != nil {
		c.invalidateBefore(c.epoch.Add(1))
	}
}

// now is the epoch; what ends later is of a later one.
func (c *cache) now() uint64 {
	if c == nil {
		return 0
	}
	return c.epoch.Load()
}

func (c *cache) end(what ending) {
	c.ending.Lock() // of two at once the later epoch must stay
	defer c.ending.Unlock()
	c.ended.Set(what, c.epoch.Add(1))
}

// invalidateBefore has all sessions looked up again that were found before an
// end that is remembered no longer.
func (c *cache) invalidateBefore(epoch uint64) {
	for known := c.invalidBefore.Load(); known < epoch; known = c.invalidBefore.Load() {
		if c.invalidBefore.CompareAndSwap(known, epoch) {
			return
		}
	}
}
