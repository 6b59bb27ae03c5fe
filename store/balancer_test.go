//go:build !nopostgres || (!nomariadb && (!nomysql || (nobadger && nopgx)))

package store_test

import (
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// Behind a balancer that asks which server is the primary, a promotion is followed,
// also where it leaves the connections to a frozen one as they are (F2).
func TestF2_ABalancerFollowsThePrimary(t *testing.T) {
	for _, name := range []string{"killed", "frozen"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pair := storetest.StartPair(t)
			balancer := storetest.Balance(t, (*storetest.Server).IsPrimary, pair.Primary, pair.Standby)
			x := failingOver(t, balancer.URL())
			_, session := create(t, x, "alice", time.Now())
			openAll(x, session.Key)
			pair.Follows()
			deaths[name](pair)
			inVain(t, x, session.Key)
			pair.Promote()
			serves(t, x, session.Key, 15*time.Second)
		})
	}
}

// galeraDrained: a server that a balancer sends nobody to any more is left, however
// busy the connections to it are, and nobody notices.
func galeraDrained(t *testing.T, nodes []*storetest.Server) {
	defer store.KeepConnections(time.Second)()
	always := func(*storetest.Server) bool { return true }
	balancer := storetest.Balance(t, always, nodes[0], nodes[1])
	s, _ := newStore(t, store.Settings{URL: balancer.URL(), LookupTimeout: 5 * time.Second})
	if err := s.StartNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	x := s.Sessions("main", idle, lifetime)
	_, session := create(t, x, "alice", time.Now())
	other := started(t, nodes[1].URL()).Sessions("main", idle, lifetime)
	storetest.Eventually(t, "the session is on the other node", func() bool { return find(t, other, session.Key) != nil })
	fillPool(t, s, x, session.Key)
	db := storetest.Open(t, nodes[0].URL())
	balanced := func() (n int) {
		if err := db.QueryRow("SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'tester' AND host LIKE '127.0.0.1:%'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if balanced() == 0 {
		t.Fatal("no connection through the balancer")
	}
	balancer.Drain(0)
	storetest.Eventually(t, "the drained server is left", func() bool {
		fillPool(t, s, x, session.Key)
		create(t, x, "alice", time.Now())
		return balanced() == 0
	})
	fillPool(t, s, x, session.Key)
}
