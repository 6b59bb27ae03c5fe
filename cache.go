package caddysession

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
	// deadEntries bounds the memory of sessions that were just found dead. They
	// are kept apart, so that no flood of old cookies pushes out the living.
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
	source finder
	idle   time.Duration
	bury   bool // remember the dead
	live   *otter.Cache[store.Key, *found]
	dead   *otter.Cache[store.Key, format.Reason]
	spare  *otter.Cache[store.Key, *found] // for when the database cannot be asked; nil: nothing is

	ended    *otter.Cache[ending, uint64] // what has ended on this node, and the epoch of that
	epoch    atomic.Uint64                // counts what has ended
	doubtful atomic.Uint64                // up to this epoch not all of it is remembered
	ending   sync.Mutex
}

// ending is a session that has ended, or all of a user's.
type ending struct {
	key  store.Key
	user string
}

// cacheTimes are how long a cache keeps what.
type cacheTimes struct {
	ttl    time.Duration // after the database was asked
	spare  time.Duration // beyond that, while the database cannot be asked
	idle   time.Duration // a session's idle timeout
	lookup time.Duration // that a lookup may take
}

// newCache puts a cache before source. It remembers the dead where bury says so:
// only of tokens that are made at random is it known that they stay dead, for
// other programs may start a session under an id that a browser had before.
func newCache(source finder, times cacheTimes, bury bool) *cache {
	ttl := times.ttl
	// Up to a fifth less, so that what was asked at once is not asked at once again.
	jittered := func(otter.Entry[store.Key, *found]) time.Duration { return ttl - rand.N(ttl/5+1) }
	c := &cache{
		source: source, idle: times.idle, bury: bury,
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
	if times.spare > 0 {
		c.spare = sessionCache(otter.ExpiryWriting[store.Key, *found](ttl + times.spare))
	}
	c.ended = otter.Must(&otter.Options[ending, uint64]{
		MaximumSize: endedEntries,
		// Longer than anything is kept that the database said before.
		ExpiryCalculator: otter.ExpiryWriting[ending, uint64](ttl + times.spare + 2*times.lookup + endedMargin),
		OnAtomicDeletion: func(e otter.DeletionEvent[ending, uint64]) {
			if e.Cause == otter.CauseOverflow {
				c.doubt(e.Value)
			}
		},
	})
	return c
}

func sessionCache(expiry otter.ExpiryCalculator[store.Key, *found]) *otter.Cache[store.Key, *found] {
	return otter.Must(&otter.Options[store.Key, *found]{
		MaximumWeight:    cacheBytes,
		Weigher:          func(_ store.Key, f *found) uint32 { return f.weight() },
		ExpiryCalculator: expiry,
	})
}

// Find implements finder.
func (c *cache) Find(ctx context.Context, l format.Lookup, now time.Time) (*found, error) {
	if f, ok := c.live.GetIfPresent(l.Key); ok && c.serves(f, now) {
		return f, nil
	}
	if reason, ok := c.dead.GetIfPresent(l.Key); ok {
		return nil, reason
	}
	f, err := c.miss(context.WithoutCancel(ctx), l, now)
	if c.spare == nil || statusOf(err) != statusUnavailable {
		return f, err
	}
	if f, ok := c.spare.GetIfPresent(l.Key); ok && c.serves(f, now) && !c.hasEnded(ending{key: l.Key}, f) {
		return f, fmt.Errorf("%w: %w", errStale, err)
	}
	return nil, err
}

// errStale comes with a session that was found a while ago, since now nobody
// can know.
const errStale = format.Reason(statusStale)

// serves reports whether a session that is remembered is still good.
func (c *cache) serves(f *found, now time.Time) bool {
	return f.alive(now, c.idle) && !c.hasEnded(ending{user: f.user}, f)
}

// miss asks the source. Callers who miss the same key share one query, which
// goes on when the one who began it hangs up.
func (c *cache) miss(ctx context.Context, l format.Lookup, now time.Time) (*found, error) {
	load := func(ctx context.Context, _ store.Key) (*found, error) { return c.load(ctx, l, now) }
	for range maxLoads {
		f, err := c.live.Get(ctx, l.Key, otter.LoaderFunc[store.Key, *found](load))
		if err != nil || c.serves(f, now) {
			return f, err
		}
		c.live.Invalidate(l.Key) // by what is known here it may be over; the database knows
	}
	return c.source.Find(ctx, l, now)
}

// maxLoads is how often an answer of the database may be older than the last
// end before the cache is left aside.
const maxLoads = 3

// load asks the source, and remembers what it says.
func (c *cache) load(ctx context.Context, l format.Lookup, now time.Time) (*found, error) {
	epoch := c.epoch.Load()
	f, err := c.source.Find(ctx, l, now)
	var reason format.Reason
	switch {
	case err == nil:
		f.pack()
		f.epoch = epoch
		if c.spare != nil {
			c.spare.Set(l.Key, f)
		}
		return f, nil
	case !errors.As(err, &reason):
		return nil, err
	case c.bury && (reason == format.ErrUnknown || reason == format.ErrExpired):
		c.dead.Set(l.Key, reason)
	}
	if c.spare != nil {
		c.spare.Invalidate(l.Key)
	}
	return nil, err
}

// hasEnded reports whether something has ended, or may have, after the database
// was asked for f.
func (c *cache) hasEnded(what ending, f *found) bool {
	if f.epoch == c.epoch.Load() {
		return false
	}
	if f.epoch < c.doubtful.Load() {
		return true
	}
	at, ok := c.ended.GetIfPresent(what)
	return ok && f.epoch < at
}

// forget drops a session that has ended on this node, or may have: of a
// statement that failed nobody knows whether it has happened, so only for one
// that is certain it is buried. A lookup that is under way cannot bring it back:
// the library does not keep its answer, and what is kept to spare has an epoch.
// No cache has nothing to forget.
func (c *cache) forget(key store.Key, certain bool) {
	if c == nil {
		return
	}
	if c.bury && certain {
		c.dead.Set(key, format.ErrUnknown)
	}
	if c.spare != nil {
		c.end(ending{key: key})
		c.spare.Invalidate(key)
	}
	c.live.Invalidate(key)
}

// forgetUser has all sessions of a user looked up again, those that are being
// looked up included.
func (c *cache) forgetUser(user string) {
	if c != nil {
		c.end(ending{user: user})
	}
}

func (c *cache) end(what ending) {
	c.ending.Lock() // of two at once the later epoch must stay
	defer c.ending.Unlock()
	c.ended.Set(what, c.epoch.Add(1))
}

// doubt has all sessions looked up again that were found before an end that is
// remembered no longer.
func (c *cache) doubt(epoch uint64) {
	for known := c.doubtful.Load(); known < epoch; known = c.doubtful.Load() {
		if c.doubtful.CompareAndSwap(known, epoch) {
			return
		}
	}
}

// weight is about how many bytes the entry takes, and at least its share of the
// whole, so that one limit bounds the bytes and the number of entries.
func (f *found) weight() uint32 {
	const overhead = 400
	const share = (cacheBytes + cacheEntries - 1) / cacheEntries
	// The header values are mostly pieces of the claims, and sometimes copies.
	n := overhead + len(f.user) + 2*len(f.packed)
	return uint32(max(n, share))
}
