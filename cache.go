package caddysession

import (
	"context"
	"errors"
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
	ended  *otter.Cache[string, uint64] // users whose sessions were revoked, and the epoch of that
	epoch  atomic.Uint64                // counts revocations of whole users

	revoking sync.Mutex
}

// newCache puts a cache before source. It remembers the dead where bury says so:
// only of tokens that are made at random is it known that they stay dead, for
// other programs may start a session under an id that a browser had before.
func newCache(source finder, ttl, idle time.Duration, bury bool) *cache {
	// Up to a fifth less, so that what was asked at once is not asked at once again.
	jittered := func(otter.Entry[store.Key, *found]) time.Duration { return ttl - rand.N(ttl/5+1) }
	return &cache{
		source: source, idle: idle, bury: bury,
		live: otter.Must(&otter.Options[store.Key, *found]{
			MaximumWeight:    cacheBytes,
			Weigher:          func(_ store.Key, f *found) uint32 { return f.weight() },
			ExpiryCalculator: otter.ExpiryWritingFunc(jittered),
		}),
		dead: otter.Must(&otter.Options[store.Key, format.Reason]{
			MaximumSize:      deadEntries,
			ExpiryCalculator: otter.ExpiryWriting[store.Key, format.Reason](ttl),
		}),
		ended: otter.Must(&otter.Options[string, uint64]{
			// Longer than an entry can be older than its revocation: its time to
			// live, and the time that its query took.
			ExpiryCalculator: otter.ExpiryWriting[string, uint64](ttl + time.Minute),
		}),
	}
}

// Find implements finder.
func (c *cache) Find(ctx context.Context, l format.Lookup, now time.Time) (*found, error) {
	if f, ok := c.live.GetIfPresent(l.Key); ok && f.alive(now, c.idle) && !c.mayHaveEnded(f) {
		return f, nil
	}
	if reason, ok := c.dead.GetIfPresent(l.Key); ok {
		return nil, reason
	}
	return c.miss(context.WithoutCancel(ctx), l, now)
}

// miss asks the source. Callers who miss the same key share one query, which
// goes on when the one who began it hangs up.
func (c *cache) miss(ctx context.Context, l format.Lookup, now time.Time) (*found, error) {
	load := func(ctx context.Context, _ store.Key) (*found, error) { return c.load(ctx, l, now) }
	for range maxLoads {
		f, err := c.live.Get(ctx, l.Key, otter.LoaderFunc[store.Key, *found](load))
		if err != nil || f.alive(now, c.idle) && !c.mayHaveEnded(f) {
			return f, err
		}
		c.live.Invalidate(l.Key) // by what is known here it may be over; the database knows
	}
	return c.source.Find(ctx, l, now)
}

// maxLoads is how often an answer of the database may be older than the last
// revocation before the cache is left aside.
const maxLoads = 3

// load asks the source, and remembers the dead.
func (c *cache) load(ctx context.Context, l format.Lookup, now time.Time) (*found, error) {
	epoch := c.epoch.Load()
	f, err := c.source.Find(ctx, l, now)
	if err != nil {
		var reason format.Reason
		if c.bury && errors.As(err, &reason) && (reason == format.ErrUnknown || reason == format.ErrExpired) {
			c.dead.Set(l.Key, reason)
		}
		return nil, err
	}
	f.epoch = epoch
	return f, nil
}

// mayHaveEnded reports whether sessions of f's user were revoked after the
// database was asked for it.
func (c *cache) mayHaveEnded(f *found) bool {
	if f.epoch == c.epoch.Load() {
		return false
	}
	revoked, ok := c.ended.GetIfPresent(f.User)
	return ok && f.epoch < revoked
}

// forget drops a session that has ended on this node. A lookup that is under
// way cannot bring it back: the library does not keep its answer.
func (c *cache) forget(key store.Key) {
	if c.bury {
		c.dead.Set(key, format.ErrUnknown)
	}
	c.live.Invalidate(key)
}

// forgetUser has all sessions of a user looked up again, those that are being
// looked up included.
func (c *cache) forgetUser(user string) {
	c.revoking.Lock() // of two at once the later epoch must stay
	defer c.revoking.Unlock()
	c.ended.Set(user, c.epoch.Add(1))
}

// weight is about how many bytes the entry takes, and at least its share of the
// whole, so that one limit bounds the bytes and the number of entries.
func (f *found) weight() uint32 {
	const overhead = 400
	n := overhead + len(f.User) + len(f.ClientAddr) + len(f.UserAgent)
	for name, claim := range f.Claims {
		n += 64 + len(name)
		for _, item := range claim.Items() {
			n += 16 + 2*len(item) // the header values are kept, too
		}
	}
	return uint32(max(n, cacheBytes/cacheEntries))
}
