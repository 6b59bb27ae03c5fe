package lookup

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
)

const (
	// cacheEntries and cacheBytes bound what a realm keeps in memory.
	cacheEntries = 100_000
	cacheBytes   = 64 << 20
	// deadEntries bounds the negative cache. It is kept apart, so that no flood
	// of old cookies pushes out the living.
	deadEntries = 10_000
	// maxExpired is how long a session is remembered as idle: another node may
	// know better, and be about to write it.
	maxExpired = 5 * time.Second
	// endedEntries bounds the memory of what has ended on this node.
	endedEntries = 50_000
	// endedMargin is for a machine that stands still for a while.
	endedMargin = time.Minute
)

// cache is a realm's memory of what its database said a moment ago. It stands
// in front of another finder and keeps its promises: what has ended on this
// node is gone at once, what has ended elsewhere within the time to live.
type cache struct {
	source   finder
	newborn  newborn
	negative bool // remember the dead, too
	live     *otter.Cache[store.Key, *Session]
	dead     *otter.Cache[store.Key, format.Reason]
	stale    *otter.Cache[store.Key, *Session] // copies for when the database cannot be asked; nil: none are kept

	times cacheTimes
	again *recheck // nil: the database is not asked again before the time to live is over

	ended         *otter.Cache[ending, uint64] // what has ended on this node, and the epoch of that
	epoch         atomic.Uint64                // counts what has ended
	invalidBefore atomic.Uint64                // up to this epoch not all that has ended is remembered
	ending        sync.Mutex
}

// ending is a session that has ended, or all of a user's.
type ending struct {
	key  store.Key
	user string
}

// cacheTimes are how long a cache keeps what.
type cacheTimes struct {
	ttl    time.Duration // after the database was asked
	stale  time.Duration // beyond that, while the database cannot be asked
	idle   time.Duration // a session's idle timeout
	lookup time.Duration // that a lookup may take
}

// newCache puts a cache before source. It remembers the dead where negative
// says so: only of tokens that are made at random is it known that they stay
// dead, for other programs may start a session under an id that a browser had
// before.
func newCache(source finder, times cacheTimes, negative bool) *cache {
	ttl := times.ttl
	// Up to a fifth less, so that what was asked at once is not asked at once again.
	jittered := func(otter.Entry[store.Key, *Session]) time.Duration { return ttl - rand.N(ttl/5+1) }
	c := &cache{
		source: source, negative: negative, times: times,
		live: sessionCache(otter.ExpiryWritingFunc(jittered)),
		dead: otter.Must(&otter.Options[store.Key, format.Reason]{
			MaximumSize: deadEntries,
			ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[store.Key, format.Reason]) time.Duration {
				if e.Value == format.ErrExpired {
					return min(ttl, maxExpired)
				}
				return ttl
			}),
		}),
	}
	if times.stale > 0 {
		c.stale = sessionCache(otter.ExpiryWriting[store.Key, *Session](ttl + times.stale))
	}
	c.ended = otter.Must(&otter.Options[ending, uint64]{
		MaximumSize: endedEntries,
		// Longer than anything is kept that the database said before.
		ExpiryCalculator: otter.ExpiryWriting[ending, uint64](ttl + times.stale + 2*times.lookup + endedMargin),
		OnAtomicDeletion: func(e otter.DeletionEvent[ending, uint64]) {
			if e.Cause == otter.CauseOverflow {
				c.invalidateBefore(e.Value)
			}
		},
	})
	return c
}

func sessionCache(expiry otter.ExpiryCalculator[store.Key, *Session]) *otter.Cache[store.Key, *Session] {
	return otter.Must(&otter.Options[store.Key, *Session]{
		MaximumWeight:    cacheBytes,
		Weigher:          func(_ store.Key, s *Session) uint32 { return s.weight() },
		ExpiryCalculator: expiry,
	})
}

// Find implements finder.
func (c *cache) Find(ctx context.Context, l format.Lookup, now time.Time) (*Session, error) {
	remembered, ok := c.hit(l, now)
	if ok {
		return remembered, nil
	}
	if remembered != nil { // for too long, and the database may be asked
		if s, err := c.again.confirm(context.WithoutCancel(ctx), l, remembered, now); s != nil {
			return s, nil
		} else if StatusOf(err) != StatusUnavailable && err != nil {
			return nil, err
		}
	}
	if reason, ok := c.dead.GetIfPresent(l.Key); ok {
		return nil, reason
	}
	s, err := c.miss(context.WithoutCancel(ctx), l, now)
	if c.stale == nil || StatusOf(err) != StatusUnavailable {
		return s, err
	}
	if s, ok := c.stale.GetIfPresent(l.Key); ok && c.serves(s, now) && !c.hasEnded(ending{key: l.Key}, s) {
		return s, fmt.Errorf("%w: %w", errStale, err)
	}
	return nil, err
}

// hit returns a session that is remembered, and whether it is still good. One that
// is good only if the database says so again is returned, with false.
func (c *cache) hit(l format.Lookup, now time.Time) (*Session, bool) {
	s, ok := c.live.GetIfPresent(l.Key)
	if !ok || !c.serves(s, now) {
		return nil, false
	}
	if c.again == nil {
		return s, true
	}
	c.again.use(l, s)
	return s, c.again.isFresh(s, now)
}

// keep has a session remembered as if it had just been found.
func (c *cache) keep(key store.Key) {
	if c == nil {
		return
	}
	c.live.SetExpiresAfter(key, c.times.ttl-rand.N(c.times.ttl/5+1))
	if c.stale != nil {
		c.stale.SetExpiresAfter(key, c.times.ttl+c.times.stale)
	}
}

// replace has what the database says now take the place of what it said before. What
// has been forgotten meanwhile does not come back.
func (c *cache) replace(key store.Key, before, fresh *Session) {
	if c == nil {
		return
	}
	fresh.pack()
	inPlace := func(known *Session) (*Session, otter.ComputeOp) {
		if known != before {
			return nil, otter.CancelOp
		}
		return fresh, otter.WriteOp
	}
	c.live.ComputeIfPresent(key, inPlace)
	if c.stale != nil {
		c.stale.ComputeIfPresent(key, inPlace)
	}
}

// serves reports whether a session that is remembered is still good.
func (c *cache) serves(s *Session, now time.Time) bool {
	return s.alive(now, c.times.idle) && !c.hasEnded(ending{user: s.User}, s)
}

// miss asks the source. Callers who miss the same key share one query, which
// goes on when the one who began it hangs up.
func (c *cache) miss(ctx context.Context, l format.Lookup, now time.Time) (*Session, error) {
	load := func(ctx context.Context, _ store.Key) (*Session, error) { return c.load(ctx, l, now) }
	for range maxLoads {
		s, err := c.live.Get(ctx, l.Key, otter.LoaderFunc[store.Key, *Session](load))
		if err != nil || c.serves(s, now) {
			return s, err
		}
		c.live.Invalidate(l.Key) // by what is known here it may be over; the database knows
	}
	return c.newborn.find(ctx, c.source, l, now)
}

// maxLoads is how often an answer of the database may be older than the last
// end before the cache is left aside.
const maxLoads = 3

// load asks the source, and remembers what it says.
func (c *cache) load(ctx context.Context, l format.Lookup, now time.Time) (*Session, error) {
	before := c.again.before(c)
	s, err := c.newborn.find(ctx, c.source, l, now)
	var reason format.Reason
	switch {
	case err == nil:
		s.pack()
		s.epoch = before.epoch
		s.answered(before)
		if c.stale != nil {
			c.stale.Set(l.Key, s)
		}
		return s, nil
	case !errors.As(err, &reason):
		return nil, err
	case c.negative && (reason == format.ErrUnknown || reason == format.ErrExpired):
		c.bury(l, reason, now)
	}
	if c.stale != nil {
		c.stale.Invalidate(l.Key)
	}
	return nil, err
}

// bury remembers that the database knows no session. It may know of one that has
// just been started in a moment.
func (c *cache) bury(l format.Lookup, reason format.Reason, now time.Time) {
	c.dead.Set(l.Key, reason)
	if _, young := ageOf(l, now); young && reason == format.ErrUnknown {
		c.dead.SetExpiresAfter(l.Key, min(newbornMemory, c.times.ttl))
	}
}
