package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// deaths are the ways in which a primary goes. A frozen one says nothing, and takes
// connections that it does not answer, as one behind a broken network.
var deaths = map[string]func(*storetest.Pair){
	"killed":  func(p *storetest.Pair) { p.Primary.Kill() },
	"frozen":  func(p *storetest.Pair) { p.Primary.Freeze() },
	"demoted": (*storetest.Pair).Demote,
}

// A URL that names both servers follows a promotion, without a restart, and the
// sessions are there (F2).
func TestF2_APromotionIsFollowed(t *testing.T) {
	for name, die := range deaths {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pair := storetest.StartPair(t)
			x := failingOver(t, pair.URL())
			_, session := create(t, x, "alice", time.Now())
			openAll(x, session.Key)
			pair.Follows()
			die(pair)
			inVain(t, x, session.Key)
			pair.Promote()
			serves(t, x, session.Key, 10*time.Second)
		})
	}
}

// moves are the ways in which an address comes to lead to another server. First it
// leads to the standby, which takes no changes, and then back, or the standby is
// promoted.
var moves = map[string]struct {
	away, back func(*storetest.Pair, *storetest.Forwarder)
}{
	"and connections are cut": {
		func(p *storetest.Pair, f *storetest.Forwarder) {
			f.To(p.Standby)
			p.Primary.Kill()
			f.Cut()
		},
		func(p *storetest.Pair, _ *storetest.Forwarder) { p.Promote() },
	},
	"and connections stay": {
		func(p *storetest.Pair, f *storetest.Forwarder) {
			f.To(p.Standby)
			p.Demote()
		},
		func(p *storetest.Pair, _ *storetest.Forwarder) { p.Promote() },
	},
	"and connections hang": {
		func(p *storetest.Pair, f *storetest.Forwarder) {
			f.To(p.Standby)
			p.Primary.Freeze()
		},
		func(p *storetest.Pair, _ *storetest.Forwarder) { p.Promote() },
	},
	"for a while": {
		func(p *storetest.Pair, f *storetest.Forwarder) {
			f.To(p.Standby)
			f.Cut()
		},
		func(p *storetest.Pair, f *storetest.Forwarder) { f.To(p.Primary) },
	},
}

// So does one address that comes to lead to another server (F2).
func TestF2_TheAddressMoves(t *testing.T) {
	for name, move := range moves {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pair := storetest.StartPair(t)
			address := storetest.Forward(t, pair.Primary)
			x := failingOver(t, address.URL())
			_, session := create(t, x, "alice", time.Now())
			openAll(x, session.Key)
			pair.Follows()
			move.away(pair, address)
			inVain(t, x, session.Key)
			move.back(pair, address)
			serves(t, x, session.Key, 3*time.Second)
		})
	}
}

// What becomes of the address where a MySQL server falls silent, of which another
// one knows nothing (F2).
func TestF2_TheAddressOfASilentMySQLServerMoves(t *testing.T) {
	one, other := storetest.StartMySQLOnLoopback(t), storetest.StartMySQLOnLoopback(t)
	address := storetest.Forward(t, other)
	failingOver(t, address.URL()) // makes the tables there
	address.To(one)
	address.Cut()
	x := failingOver(t, address.URL())
	_, session := create(t, x, "alice", time.Now())
	openAll(x, session.Key)
	one.Freeze()
	inVain(t, x, session.Key)
	address.To(other)
	began := time.Now()
	storetest.Eventually(t, "logins work again", func() bool { return tryCreate(t, x) == nil })
	if took := time.Since(began); took > 10*time.Second {
		t.Error("logins work again after", took)
	}
	t.Log("logins after", time.Since(began))
}

func failingOver(t *testing.T, url string) *store.Sessions {
	t.Helper()
	s, _ := newStore(t, store.Settings{URL: url, LookupTimeout: 500 * time.Millisecond})
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	storetest.Eventually(t, "the store is ready", s.Ready)
	return s.Sessions("main", idle, lifetime)
}

// openAll has the pool open its connections, whether they are in time or not.
func openAll(x *store.Sessions, key store.Key) {
	var lookups sync.WaitGroup
	for range 64 {
		lookups.Go(func() { _, _ = tryFind(x, key) })
	}
	lookups.Wait()
}

// inVain has a crowd ask while no server takes changes. No login succeeds, and no
// lookup says that there is no session.
func inVain(t *testing.T, x *store.Sessions, key store.Key) {
	t.Helper()
	var crowd sync.WaitGroup
	for range 16 {
		crowd.Go(func() {
			if err := tryCreate(t, x); !errors.Is(err, store.ErrUnavailable) {
				t.Error("a login:", err)
			}
		})
	}
	for range 64 {
		crowd.Go(func() {
			if found, err := tryFind(x, key); found == nil && !errors.Is(err, store.ErrUnavailable) {
				t.Error("a lookup:", err)
			}
		})
	}
	crowd.Wait()
}

// serves fails the test unless lookups and logins work again in time. Nobody is told
// meanwhile that there is no session.
func serves(t *testing.T, x *store.Sessions, key store.Key, within time.Duration) {
	t.Helper()
	began := time.Now()
	storetest.Eventually(t, "the session is found", func() bool {
		found, err := tryFind(x, key)
		if found == nil && err == nil {
			t.Fatal("the session is gone")
		}
		return found != nil
	})
	lookups := time.Since(began)
	storetest.Eventually(t, "logins work", func() bool { return tryCreate(t, x) == nil })
	logins := time.Since(began)
	if logins > within {
		t.Error("not in time:")
	}
	t.Log("lookups after", lookups, "logins after", logins)
	if ended, err := x.Revoke(t.Context(), key); !ended || err != nil {
		t.Error("a logout:", ended, err)
	}
}
