//go:build !nomariadb && (!nomysql || (nobadger && nopgx))

package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// Three nodes of a Galera cluster, each with a store of its own, as Caddys have that
// ask the node beside them (F2, F4, S3).
func TestF2_F4_S3_AGaleraCluster(t *testing.T) {
	nodes := storetest.StartGalera(t)
	t.Run("nodes start on it at once", func(t *testing.T) { galeraStarts(t, nodes) })
	var realms []*store.Sessions
	for _, node := range nodes {
		s, _ := newStore(t, store.Settings{URL: node.URL(), LookupTimeout: 5 * time.Second})
		if err := s.StartNow(t.Context()); err != nil {
			t.Fatal(err)
		}
		realms = append(realms, s.Sessions("main", idle, lifetime))
	}
	t.Run("what begins and ends on one node does so on all", func(t *testing.T) { galeraEverywhere(t, realms) })
	t.Run("logins of one user on all nodes", func(t *testing.T) { galeraCollisions(t, realms) })
	t.Run("a node that a balancer sends nobody to", func(t *testing.T) { galeraDrained(t, nodes) })
	t.Run("a node that is cut off", func(t *testing.T) { galeraCutOff(t, nodes, realms[0]) })
}

// Many nodes that meet an empty cluster through different ones of its nodes all start,
// and agree on one key. What purges at all nodes at once does not fail (F4).
func galeraStarts(t *testing.T, nodes []*storetest.Server) {
	stores := startTogether(t, 48, store.Settings{MaxConns: 2, TablePrefix: "together"}, nodes[0].URL(), nodes[1].URL(), nodes[2].URL())
	var keys int
	if err := storetest.Open(t, nodes[0].URL()).QueryRow("SELECT COUNT(*) FROM together_keys").Scan(&keys); keys != 1 || err != nil {
		t.Error(keys, "keys:", err)
	}
	workTogether(t, stores[:12])
}

// A row that has not arrived yet is no error, and arrives in a moment. What has
// ended stays so (S3).
func galeraEverywhere(t *testing.T, realms []*store.Sessions) {
	for i, at := range realms {
		token, session := create(t, at, "alice", time.Now())
		if token == "" {
			t.Fatal("no token")
		}
		for _, x := range realms {
			storetest.Eventually(t, "the session is found", func() bool { return find(t, x, session.Key) != nil })
			x.Touch(session.Key, time.Now().Add(time.Minute))
		}
		if ended, err := realms[(i+1)%len(realms)].Revoke(t.Context(), session.Key); !ended || err != nil {
			t.Error("a logout:", ended, err)
		}
		for _, x := range realms {
			storetest.Eventually(t, "the session is gone", func() bool { return find(t, x, session.Key) == nil })
		}
		for _, x := range realms {
			if find(t, x, session.Key) != nil {
				t.Error("the session is back")
			}
		}
	}
}

// Galera lets a transaction wait for no other node's: it refuses the later one at its
// COMMIT. No login and no logout fails for that (F2).
func galeraCollisions(t *testing.T, realms []*store.Sessions) {
	var browsers sync.WaitGroup
	for i := range 24 {
		browsers.Go(func() {
			for range 3 {
				loginAndOut(t, realms[i%len(realms)], i%4 == 0)
			}
		})
	}
	browsers.Wait()
}

// While a node is no part of the cluster it answers nothing, which is not that there
// is no session. No connection to it is kept (F2).
func galeraCutOff(t *testing.T, nodes []*storetest.Server, elsewhere *store.Sessions) {
	address := storetest.Forward(t, nodes[2])
	x := failingOver(t, address.URL())
	_, session := create(t, elsewhere, "alice", time.Now())
	storetest.Eventually(t, "the session is found", func() bool {
		found, _ := tryFind(x, session.Key)
		return found != nil
	})
	openAll(x, session.Key)
	back := nodes[2].Isolate()
	if found, err := tryFind(x, session.Key); !errors.Is(err, store.ErrUnavailable) {
		t.Error("a lookup:", found, err)
	}
	if err := tryCreate(t, x); !errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrUnusable) {
		t.Error("a login:", err)
	}
	later, _ := newStore(t, store.Settings{URL: nodes[2].URL()})
	if err := later.Start(t.Context()); err != nil || later.Ready() {
		t.Error("a start:", err, later.Ready())
	}
	// 1. The address comes to lead to another node; those connections stay open.
	address.To(nodes[0])
	serves(t, x, session.Key, 10*time.Second)
	// 2. The node comes back.
	back()
	storetest.Eventually(t, "the store that has waited for it is ready", later.Ready)
	if find(t, later.Sessions("main", idle, lifetime), session.Key) != nil {
		t.Error("what ended meanwhile is back")
	}
}
