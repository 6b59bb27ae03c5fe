package lookup

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// gate is a finder whose answers wait until they are let through. The real
// database has answered by then.
type gate struct {
	finder
	asked    atomic.Int64
	answered chan struct{} // one for each answer that waits
	open     chan struct{} // one lets one answer through; closed lets all
}

func newGate(f finder) *gate {
	return &gate{finder: f, answered: make(chan struct{}, 100), open: make(chan struct{})}
}

func (g *gate) Find(ctx context.Context, l format.Lookup, now time.Time) (*Session, error) {
	g.asked.Add(1)
	f, err := g.finder.Find(ctx, l, now)
	g.answered <- struct{}{}
	<-g.open
	return f, err
}

// gatedRealm is a realm whose cache asks a real database through a gate.
func gatedRealm(t *testing.T) (*Realm, *gate, format.Lookup) {
	realm, token := startedRealm(t, storetest.SQLite(t), time.Hour)
	g := newGate(realm.cache.source)
	realm.cache.source = g
	lookup, err := realm.Lookup(token, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return realm, g, lookup
}

type outcome struct {
	f   *Session
	err error
}

func (r *Realm) findInBackground(ctx context.Context, l format.Lookup) <-chan outcome {
	result := make(chan outcome, 1)
	go func() {
		f, err := r.Find(ctx, l, time.Now())
		result <- outcome{f, err}
	}()
	return result
}

func TestF7_AHangUpHarmsNobodyElse(t *testing.T) {
	realm, g, lookup := gatedRealm(t)
	// 1. A client's lookup waits for the database, and more clients for it.
	ctx, hangUp := context.WithCancel(t.Context())
	first := realm.findInBackground(ctx, lookup)
	<-g.answered
	var others []<-chan outcome
	for range 20 {
		others = append(others, realm.findInBackground(t.Context(), lookup))
	}
	// 2. The first hangs up.
	hangUp()
	close(g.open)
	<-first
	// 3. The others are served, and the next ones from memory.
	for _, other := range others {
		if o := <-other; o.err != nil || o.f.User != "alice" {
			t.Errorf("got %v %v", o.f, o.err)
		}
	}
	asked := g.asked.Load()
	if _, err := realm.Find(t.Context(), lookup, time.Now()); err != nil || g.asked.Load() != asked {
		t.Errorf("%v after %d queries, then %d", err, asked, g.asked.Load())
	}
}

func TestS3_ALookupUnderWayDoesNotBringBackWhatHasEnded(t *testing.T) {
	for name, end := range map[string]func(*Realm, store.Key) error{
		"the session": func(r *Realm, key store.Key) error { return r.End(context.Background(), format.Lookup{Key: key}) },
		"the user's":  func(r *Realm, _ store.Key) error { _, err := r.EndUser(context.Background(), "alice"); return err },
	} {
		t.Run(name, func(t *testing.T) {
			realm, g, lookup := gatedRealm(t)
			// 1. The database has answered, but the answer is still on its way.
			late := realm.findInBackground(t.Context(), lookup)
			<-g.answered
			// 2. The session ends.
			if err := end(realm, lookup.Key); err != nil {
				t.Fatal(err)
			}
			close(g.open)
			<-late // it began before, so either answer is right
			// 3. Nobody is let in by it any more.
			if _, err := realm.Find(t.Context(), lookup, time.Now()); !errors.Is(err, format.ErrUnknown) {
				t.Errorf("got %v, want %v", err, format.ErrUnknown)
			}
		})
	}
}

func TestCache_MissesOfOneKeyShareOneQuery(t *testing.T) {
	realm, g, lookup := gatedRealm(t)
	first := realm.findInBackground(t.Context(), lookup)
	<-g.answered
	var waiting sync.WaitGroup
	for range 50 {
		waiting.Go(func() {
			if _, err := realm.Find(t.Context(), lookup, time.Now()); err != nil {
				t.Error(err)
			}
		})
	}
	close(g.open)
	<-first
	waiting.Wait()
	if n := g.asked.Load(); n != 1 {
		t.Errorf("%d queries, want 1", n)
	}
}

func TestCache_TheDeadCostOneQueryAndNoPlaceAmongTheLiving(t *testing.T) {
	realm, g, lookup := gatedRealm(t)
	close(g.open)
	if _, err := realm.Find(t.Context(), lookup, time.Now()); err != nil {
		t.Fatal(err)
	}
	asked := g.asked.Load()
	for i := range 3 * deadEntries {
		dead := format.Lookup{Key: store.Key{1, byte(i >> 16), byte(i >> 8), byte(i)}}
		for range 2 {
			if _, err := realm.Find(t.Context(), dead, time.Now()); !errors.Is(err, format.ErrUnknown) {
				t.Fatal(err)
			}
		}
		<-g.answered
	}
	if n := g.asked.Load() - asked; n != 3*deadEntries {
		t.Errorf("%d queries for %d dead sessions", n, 3*deadEntries)
	}
	if n := realm.cache.dead.EstimatedSize(); n > 2*deadEntries {
		t.Errorf("%d dead sessions are kept", n)
	}
	asked = g.asked.Load()
	if _, err := realm.Find(t.Context(), lookup, time.Now()); err != nil || g.asked.Load() != asked {
		t.Errorf("the living session was pushed out: %v", err)
	}
}

// away is a finder of a database that cannot be asked.
type away struct{}

func (away) Find(context.Context, format.Lookup, time.Time) (*Session, error) {
	return nil, store.ErrUnavailable
}

// keepingStale gives a realm a cache that keeps stale copies, each for so short
// a time that the database is asked at every request.
func keepingStale(realm *Realm, source finder) {
	realm.cache = newCache(source, cacheTimes{ttl: time.Nanosecond, stale: time.Hour, idle: time.Hour}, true)
	realm.finder = realm.cache
}

func TestCache_AStaleCopyIsServedWhenNobodyCanKnow(t *testing.T) {
	realm, g, lookup := gatedRealm(t)
	close(g.open)
	keepingStale(realm, g)
	find := func(now time.Time) (string, error) {
		f, err := realm.Find(t.Context(), lookup, now)
		if f == nil {
			return "", err
		}
		return f.User, err
	}
	if user, err := find(time.Now()); user != "alice" || err != nil {
		t.Fatal(user, err)
	}
	realm.cache.source = away{}
	if user, err := find(time.Now()); user != "alice" || StatusOf(err) != StatusStale {
		t.Errorf("got %q %v, want alice, from memory", user, err)
	}
	// What is over is over.
	if user, err := find(time.Now().Add(2 * time.Hour)); user != "" || StatusOf(err) != StatusUnavailable {
		t.Errorf("two hours later: %q %v", user, err)
	}
	// The database says that it has ended: nothing is kept.
	realm.cache.source = g.finder
	if _, err := sessionsOf(realm).Revoke(t.Context(), lookup.Key); err != nil { // as another node does
		t.Fatal(err)
	}
	if user, err := find(time.Now()); user != "" || !errors.Is(err, format.ErrUnknown) {
		t.Errorf("after its end: %q %v", user, err)
	}
	realm.cache.source = away{}
	realm.cache.dead.InvalidateAll()
	if user, err := find(time.Now()); user != "" || StatusOf(err) != StatusUnavailable {
		t.Errorf("after its end, with the database away: %q %v", user, err)
	}
}

func TestS3_AStaleCopyDoesNotBringBackWhatHasEnded(t *testing.T) {
	for name, end := range map[string]func(*Realm, store.Key) error{
		"the session": func(r *Realm, key store.Key) error { return r.End(context.Background(), format.Lookup{Key: key}) },
		"the user's":  func(r *Realm, _ store.Key) error { _, err := r.EndUser(context.Background(), "alice"); return err },
	} {
		t.Run(name, func(t *testing.T) {
			realm, g, lookup := gatedRealm(t)
			keepingStale(realm, g)
			// 1. The database has answered, but the answer is still on its way.
			late := realm.findInBackground(t.Context(), lookup)
			<-g.answered
			// 2. The session ends, then the answer arrives.
			if err := end(realm, lookup.Key); err != nil {
				t.Fatal(err)
			}
			close(g.open)
			<-late
			// 3. The database goes away, and the session is not served from memory.
			realm.cache.source = away{}
			realm.cache.dead.InvalidateAll()
			if f, err := realm.Find(t.Context(), lookup, time.Now()); f != nil || StatusOf(err) != StatusUnavailable {
				t.Errorf("got %v %v", f, err)
			}
		})
	}
}

func TestS3_WhoseEndIsForgottenIsLookedUpAgain(t *testing.T) {
	realm, g, lookup := gatedRealm(t)
	close(g.open)
	if _, err := realm.Find(t.Context(), lookup, time.Now()); err != nil {
		t.Fatal(err)
	}
	asked := g.asked.Load()
	// 1. Alice's sessions end, and so do those of more users than are remembered.
	if _, err := sessionsOf(realm).RevokeUser(t.Context(), "alice"); err != nil {
		t.Fatal(err)
	}
	realm.cache.invalidateUser("alice")
	for i := range 2 * endedEntries {
		realm.cache.invalidateUser(strconv.Itoa(i))
	}
	realm.cache.ended.CleanUp()
	if n := realm.cache.ended.EstimatedSize(); n > 2*endedEntries {
		t.Errorf("%d ends are remembered", n)
	}
	// 2. Whether hers is among them or not, the database is asked.
	realm.cache.ended.Invalidate(ending{user: "alice"})
	if f, err := realm.Find(t.Context(), lookup, time.Now()); !errors.Is(err, format.ErrUnknown) || g.asked.Load() == asked {
		t.Errorf("got %v %v", f, err)
	}
}

// crowd is a database in which whoever is asked for is somebody.
type crowd struct{}

func (crowd) Find(_ context.Context, l format.Lookup, now time.Time) (*Session, error) {
	return NewSession(&store.Session{User: l.Key.ID(), Seen: now, Expires: now.Add(time.Hour)}), nil
}

func TestCache_NoNumberOfLivingSessionsTakesMoreMemory(t *testing.T) {
	c := newCache(crowd{}, cacheTimes{ttl: time.Hour, stale: time.Hour, idle: time.Hour}, true)
	for i := range 3 * cacheEntries {
		l := format.Lookup{Key: store.Key{byte(i >> 16), byte(i >> 8), byte(i)}}
		if f, err := c.Find(t.Context(), l, time.Now()); err != nil || f.User != l.Key.ID() {
			t.Fatal(f, err)
		}
	}
	for name, kept := range map[string]*otter.Cache[store.Key, *Session]{"live": c.live, "stale": c.stale} {
		kept.CleanUp()
		if n := kept.EstimatedSize(); n > cacheEntries || kept.WeightedSize() > cacheBytes {
			t.Errorf("%s: %d sessions of weight %d", name, n, kept.WeightedSize())
		}
	}
}

// stale is a finder of a database that cannot be asked, behind a memory of alice.
type stale struct{}

func (stale) Find(context.Context, format.Lookup, time.Time) (*Session, error) {
	return NewSession(&store.Session{User: "alice"}), errStale
}

func TestS2_ALogoutEverywhereIsOneThoughTheSessionIsFromMemory(t *testing.T) {
	realm, token := startedRealm(t, storetest.SQLite(t), time.Hour)
	if _, _, err := sessionsOf(realm).Create(t.Context(), store.NewSession{Identity: store.Identity{User: "alice"}}, time.Now()); err != nil {
		t.Fatal(err)
	}
	lookup, err := realm.Lookup(token, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	realm.finder = stale{}
	if err := realm.EndUserOf(t.Context(), "", lookup); err != nil {
		t.Fatal(err)
	}
	if n, err := sessionsOf(realm).Count(t.Context(), "alice", time.Now()); n != 0 || err != nil {
		t.Errorf("alice has %d sessions: %v", n, err)
	}
}

func TestS3_OfAnEndThatMayHaveHappenedNothingIsServedFromMemory(t *testing.T) {
	realm, g, lookup := gatedRealm(t)
	close(g.open)
	keepingStale(realm, g)
	if _, err := realm.Find(t.Context(), lookup, time.Now()); err != nil {
		t.Fatal(err)
	}
	// 1. A logout fails, and nobody knows whether it has happened.
	ctx, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	if err := realm.End(ctx, lookup); !errors.Is(err, store.ErrUnavailable) {
		t.Fatal(err)
	}
	// 2. While nobody can know, nobody is let in; then whoever still is.
	realm.cache.source = away{}
	if f, err := realm.Find(t.Context(), lookup, time.Now()); f != nil || StatusOf(err) != StatusUnavailable {
		t.Errorf("got %v %v", f, err)
	}
	realm.cache.source = g
	if _, err := realm.Find(t.Context(), lookup, time.Now()); err != nil {
		t.Error(err)
	}
}
