package lookup

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// answers is a finder that says what the function says.
type answers func(l format.Lookup) (*Session, error)

func (a answers) Find(_ context.Context, l format.Lookup, _ time.Time) (*Session, error) { return a(l) }

// alice is a session of hers that has an hour.
func alice() *Session {
	return NewSession(&store.Session{User: "alice", Seen: time.Now(), Expires: time.Now().Add(time.Hour), Claims: store.Claims{"email": store.Text("a@b")}})
}

// assertExpires checks for how long a cache keeps an entry, a second more or less.
func assertExpires[V any](t *testing.T, what string, c *otter.Cache[store.Key, V], key store.Key, least, most time.Duration) {
	t.Helper()
	entry, ok := c.GetEntryQuietly(key)
	if !ok {
		t.Errorf("%s: nothing is kept", what)
	} else if d := entry.ExpiresAfter(); d < least-time.Second || d > most+time.Second {
		t.Errorf("%s: kept for %v, want %v to %v", what, d, least, most)
	}
}

func TestCache_WhatIsKeptForHowLong(t *testing.T) {
	const ttl, stale = time.Hour, 24 * time.Hour
	unknown, expired, malformed, living := store.Key{1}, store.Key{2}, store.Key{3}, store.Key{4}
	source := answers(func(l format.Lookup) (*Session, error) {
		switch l.Key {
		case unknown:
			return nil, format.ErrUnknown
		case expired:
			return nil, format.ErrExpired
		case malformed:
			return nil, format.ErrMalformed
		}
		return alice(), nil
	})
	for _, negative := range []bool{true, false} {
		c := newCache(source, cacheTimes{ttl: ttl, stale: stale, idle: time.Hour, lookup: time.Minute}, negative)
		for _, key := range []store.Key{unknown, expired, malformed, living} {
			_, _ = c.Find(t.Context(), format.Lookup{Key: key}, time.Now())
		}
		if negative {
			assertExpires(t, "unknown", c.dead, unknown, ttl, ttl)
			// Another node may know of activity that is not written yet.
			assertExpires(t, "expired", c.dead, expired, maxExpired, maxExpired)
		}
		want := 0
		if negative {
			want = 2
		}
		if n := c.dead.EstimatedSize(); n != want {
			t.Errorf("%d dead are kept, want %d; negative %v", n, want, negative)
		}
		// Those who came at once are not asked for at once again.
		assertExpires(t, "live", c.live, living, ttl-ttl/5, ttl)
		assertExpires(t, "stale", c.stale, living, ttl+stale, ttl+stale)
		if s, _ := c.live.GetIfPresent(living); s == nil || s.claims != nil || s.packed == "" {
			t.Errorf("it is not packed: %+v", s)
		}
		// Longer than anything is kept, or under way, that the database said before.
		c.invalidateUser("alice")
		if entry, ok := c.ended.GetEntryQuietly(ending{user: "alice"}); !ok || entry.ExpiresAfter() < ttl+stale+2*time.Minute {
			t.Errorf("the end is remembered for %v", entry.ExpiresAfter())
		}
	}
	if entry, _ := newKept(source, ttl).ended.GetEntryQuietly(ending{user: "alice"}); entry.ExpiresAfter() > 2*ttl {
		t.Errorf("the end is remembered for %v", entry.ExpiresAfter())
	}
	short := newCache(source, cacheTimes{ttl: time.Second, lookup: time.Minute}, true)
	_, _ = short.Find(t.Context(), format.Lookup{Key: expired}, time.Now())
	if entry, ok := short.dead.GetEntryQuietly(expired); !ok || entry.ExpiresAfter() > time.Second || short.stale != nil {
		t.Errorf("with a short time to live: %v, stale copies %v", entry.ExpiresAfter(), short.stale)
	}
}

// newKept is a cache that remembers an end of alice's sessions.
func newKept(source finder, ttl time.Duration) *cache {
	c := newCache(source, cacheTimes{ttl: ttl, idle: time.Hour, lookup: time.Minute}, true)
	c.invalidateUser("alice")
	return c
}

// What was asked for again stays as long as what was just found.
func TestRecheck_WhatIsConfirmedStays(t *testing.T) {
	source := answers(func(format.Lookup) (*Session, error) { return alice(), nil })
	for _, stale := range []time.Duration{0, 24 * time.Hour} {
		c := newCache(source, cacheTimes{ttl: time.Hour, stale: stale, idle: time.Hour}, true)
		key := store.Key{1}
		if _, err := c.Find(t.Context(), format.Lookup{Key: key}, time.Now()); err != nil {
			t.Fatal(err)
		}
		c.live.SetExpiresAfter(key, time.Minute)
		if stale > 0 {
			c.stale.SetExpiresAfter(key, time.Minute)
		}
		c.keep(key)
		assertExpires(t, "live", c.live, key, time.Hour-time.Hour/5, time.Hour)
		if stale > 0 {
			assertExpires(t, "stale", c.stale, key, time.Hour+stale, time.Hour+stale)
		}
	}
}

// Only of the module's own tokens is it known that they stay dead.
func TestCache_AnIDMayComeToLife(t *testing.T) {
	var lives bool
	source := answers(func(format.Lookup) (*Session, error) {
		if lives {
			return alice(), nil
		}
		return nil, format.ErrUnknown
	})
	c := newCache(source, cacheTimes{ttl: time.Hour, idle: time.Hour}, false)
	if _, err := c.Find(t.Context(), format.Lookup{}, time.Now()); !errors.Is(err, format.ErrUnknown) {
		t.Fatal(err)
	}
	lives = true // the program has started a session under the id that the browser had before
	if s, err := c.Find(t.Context(), format.Lookup{}, time.Now()); err != nil || s.User != "alice" {
		t.Error(s, err)
	}
}

// The library asks again for what ended while it asked. When the database is away by
// then, the first answer must not be served as a copy that is merely stale.
func TestS3_AnAnswerThatWasOnItsWayIsNoStaleCopy(t *testing.T) {
	key := store.Key{1}
	for name, end := range map[string]func(*cache){
		"the session": func(c *cache) { c.invalidate(key, false) },
		"the user's":  func(c *cache) { c.invalidateUser("alice") },
		"all":         func(c *cache) { c.invalidateAll() },
	} {
		t.Run(name, func(t *testing.T) {
			var c *cache
			asked := 0
			c = newCache(answers(func(format.Lookup) (*Session, error) {
				if asked++; asked > 1 {
					return nil, store.ErrUnavailable
				}
				s := alice() // the database has answered; the answer is on its way
				end(c)
				return s, nil
			}), cacheTimes{ttl: time.Hour, stale: time.Hour, idle: time.Hour}, true)
			for range 3 {
				s, err := c.Find(t.Context(), format.Lookup{Key: key}, time.Now())
				if s != nil || StatusOf(err) != StatusUnavailable {
					t.Errorf("%v %v", s, err)
				}
			}
		})
	}
}

// An answer that is older than the last end is asked for again, and one that never
// gets newer is at least the database's own.
func TestS3_AnAnswerOlderThanTheLastEndIsAskedForAgain(t *testing.T) {
	for _, ends := range []int{1, 2, 3, 100} {
		asked := 0
		var c *cache
		c = newCache(answers(func(format.Lookup) (*Session, error) {
			s := alice()
			if asked++; asked <= ends {
				c.invalidateUser("alice")
			}
			return s, nil
		}), cacheTimes{ttl: time.Hour, idle: time.Hour}, true)
		s, err := c.Find(t.Context(), format.Lookup{}, time.Now())
		if want := min(ends+1, maxLoads+1); err != nil || s.User != "alice" || asked != want {
			t.Errorf("%d ends: %v %v, asked %d times, want %d", ends, s, err, asked, want)
		}
	}
}

func TestS3_AnEndIsNotAskedAwayByOthers(t *testing.T) {
	asked := 0
	var c *cache
	c = newCache(answers(func(format.Lookup) (*Session, error) {
		if asked++; asked > maxLoads {
			return nil, format.ErrUnknown
		}
		s := alice()
		c.invalidateUser("alice")
		return s, nil
	}), cacheTimes{ttl: time.Hour, idle: time.Hour}, true)
	if s, err := c.Find(t.Context(), format.Lookup{}, time.Now()); s != nil || !errors.Is(err, format.ErrUnknown) {
		t.Errorf("%v %v", s, err)
	}
}

// Logouts of one user, again and again, cost the others nothing.
func TestCache_AnEndThatIsRepeatedForgetsNobodyElse(t *testing.T) {
	asked := 0
	c := newCache(answers(func(format.Lookup) (*Session, error) { asked++; return alice(), nil }), cacheTimes{ttl: time.Hour, idle: time.Hour}, true)
	for range 3 {
		if _, err := c.Find(t.Context(), format.Lookup{}, time.Now()); err != nil {
			t.Fatal(err)
		}
		for range 10 {
			c.invalidateUser("bob")
		}
		c.ended.CleanUp()
	}
	if asked != 1 {
		t.Errorf("the database was asked %d times", asked)
	}
}

func TestS3_TheLaterEndCounts(t *testing.T) {
	c := newCache(nil, cacheTimes{ttl: time.Hour}, true)
	for _, at := range []struct{ to, want uint64 }{{5, 5}, {3, 5}, {5, 5}, {6, 6}} {
		if c.invalidateBefore(at.to); c.invalidBefore.Load() != at.want {
			t.Errorf("after %d: %d", at.to, c.invalidBefore.Load())
		}
	}
	// A session that was found after an end is not touched by it.
	s := alice()
	for _, at := range []struct {
		found uint64
		ended bool
	}{{5, true}, {6, false}, {7, false}} {
		c.epoch.Store(100)
		if s.epoch = at.found; c.hasEnded(ending{user: "alice"}, s) != at.ended {
			t.Errorf("found at %d: ended %v", at.found, !at.ended)
		}
	}
	c.end(ending{user: "alice"})
	for _, at := range []struct {
		found uint64
		ended bool
	}{{100, true}, {101, false}, {102, false}} {
		c.epoch.Store(200)
		if s.epoch = at.found; c.hasEnded(ending{user: "alice"}, s) != at.ended {
			t.Errorf("found at %d: ended %v", at.found, !at.ended)
		}
	}
}

// A realm without a cache has nothing to forget.
func TestCache_NoneIsOne(t *testing.T) {
	var c *cache
	c.invalidate(store.Key{}, true)
	c.invalidateUser("alice")
	c.invalidateAll()
	c.keep(store.Key{})
	c.replace(store.Key{}, nil, nil)
}

// Of an end that failed nobody knows whether it has happened: the session is asked
// for again, and lives where it does.
func TestS3_AnEndThatFailedIsNoEnd(t *testing.T) {
	realm, g, l := gatedRealm(t)
	close(g.open)
	if _, err := realm.Find(t.Context(), l, time.Now()); err != nil {
		t.Fatal(err)
	}
	for _, certain := range []bool{false, true} {
		asked := g.asked.Load()
		realm.cache.invalidate(l.Key, certain)
		_, err := realm.Find(t.Context(), l, time.Now())
		if certain && !errors.Is(err, format.ErrUnknown) || !certain && (err != nil || g.asked.Load() != asked+1) {
			t.Errorf("certain %v: %v after %d queries", certain, err, g.asked.Load()-asked)
		}
	}
}

// What has ended is no longer in memory: neither its claims nor its place.
func TestS2_AnEndTakesTheSessionOutOfMemory(t *testing.T) {
	realm, token := startedRealm(t, storetest.SQLite(t), time.Hour)
	keepingStale(realm, realm.table)
	realm.cache.times.ttl = time.Hour
	l, err := realm.Lookup(token, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := realm.Find(t.Context(), l, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := realm.End(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	if realm.cache.live.EstimatedSize() != 0 || realm.cache.stale.EstimatedSize() != 0 {
		t.Errorf("%d live, %d stale", realm.cache.live.EstimatedSize(), realm.cache.stale.EstimatedSize())
	}
}
