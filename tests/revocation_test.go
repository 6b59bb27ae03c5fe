//go:build unix

package tests

import (
	"os/exec"
	"testing"
	"time"
)

func TestS2_AfterLogoutTheOldCookieIsDead(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 1h"})
	token, other := s.login(alice), s.login(alice)
	s.assertOK(s.get("/", cookie(token)), alice)
	a := s.logout(token)
	assertStatus(t, a, 303)
	assertExpired(t, a)
	// On this node at the next request, though the cache may keep it an hour.
	s.assertSTOP(s.get("/", cookie(token)))
	s.assertAnonymous(s.get("/public", cookie(token)))
	// Alice's other browser stays.
	s.assertOK(s.get("/", cookie(other)), alice)
	// After a restart still.
	s.reload()
	s.assertSTOP(s.get("/", cookie(token)))
	s.assertOK(s.get("/", cookie(other)), alice)
	assertEqual(t, "rows", rows(t, s.database()), 1)
}

func TestS2_OtherNodesFollowWithinCacheTTL(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 300ms"})
	node := startProcess(t, setup{store: s.store, realm: "cache_ttl 300ms"})
	// 1. Both nodes have seen the session.
	token := s.login(alice)
	node.assertOK(node.get("/", cookie(token)), alice)
	// 2. One ends it; the other follows by itself.
	assertStatus(t, s.logout(token), 303)
	eventually(t, "the other node forgets the session", func() bool {
		return node.get("/", cookie(token)).status == 401
	})
	node.app.take()
	// 3. With `cache_ttl 0` it would have been at once.
	strict := startProcess(t, setup{store: s.store, realm: "cache_ttl 0"})
	token = s.login(alice)
	strict.assertOK(strict.get("/", cookie(token)), alice)
	assertStatus(t, s.logout(token), 303)
	strict.assertSTOP(strict.get("/", cookie(token)))
}

// What ends, ends everywhere and by whatever means, long before cache_ttl is over.
func TestS2_OtherNodesFollowWithinRecheck(t *testing.T) {
	for name, fresh := range freshDB {
		t.Run(name, func(t *testing.T) {
			const realm = "cache_ttl 1h\n\t\trecheck 200ms"
			s := start(t, setup{store: fresh(t), realm: realm})
			node := startProcess(t, setup{store: s.store, realm: realm})
			ends := map[string]func(token string){
				"a logout": func(token string) { assertStatus(t, s.logout(token), 303) },
				"SQL":      func(string) { execute(t, s.database(), "DELETE FROM "+table+" WHERE user_id = 'alice'") },
			}
			for name, end := range ends {
				token := s.login(alice)
				node.assertOK(node.get("/", cookie(token)), alice)
				s.assertOK(s.get("/", cookie(token)), alice)
				end(token)
				eventually(t, "both nodes refuse what ended by "+name, func() bool {
					return node.get("/", cookie(token)).status == 401 && s.get("/", cookie(token)).status == 401
				})
				node.app.take()
				s.app.take()
			}
		})
	}
}

// A PostgreSQL server passes the word on: other nodes follow at once, however rarely
// they would ask.
func TestS2_OtherNodesHearOfALogout(t *testing.T) {
	const realm = "cache_ttl 1h\n\t\trecheck 10m"
	s := start(t, setup{store: freshDB["postgres"](t), realm: realm})
	node := startProcess(t, setup{store: s.store, realm: realm})
	ends := map[string]func(token string){
		"a logout": func(token string) { assertStatus(t, s.logout(token), 303) },
		"the command": func(string) {
			if out, err := exec.Command("caddy", "session", "revoke", "--user", "alice", "--store", s.store).CombinedOutput(); err != nil {
				t.Fatal(err, string(out))
			}
		},
		"an administrator": func(string) {
			execute(t, s.database(), "DELETE FROM "+table+" WHERE user_id = 'alice'")
			execute(t, s.database(), "NOTIFY caddy_session")
		},
	}
	for name, end := range ends {
		token := s.login(alice)
		eventually(t, "both nodes listen, which they do when they are in use", func() bool {
			assertStatus(t, node.get("/", cookie(token)), 200) // finds it,
			assertStatus(t, node.get("/", cookie(token)), 200) // and this uses it
			assertStatus(t, s.get("/", cookie(token)), 200)
			return number(t, s.database(), "SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN caddy_session' AND state = 'idle'") == 2
		})
		end(token)
		eventually(t, "the other node refuses what was ended by "+name, func() bool {
			return node.get("/", cookie(token)).status == 401
		})
	}
}

func TestS2_DeletingTheRowLogsOut(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 0"})
	token := s.login(alice)
	s.assertOK(s.get("/", cookie(token)), alice)
	execute(t, s.database(), "DELETE FROM "+table+" WHERE user_id = 'alice'")
	s.assertSTOP(s.get("/", cookie(token)))
}

func TestS3_ALogoutIsNotUndoneByRequestsInFlight(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 0"})
	db := s.database()
	token, other := s.login(alice), s.login(carol)
	// 1. Every request has activity to note.
	execute(t, db, "UPDATE "+table+" SET seen = seen - 1800000")
	// 2. Fifty slow requests are under way.
	letGo := s.keepWaiting(50, token)
	// 3. Alice logs out.
	assertStatus(t, s.logout(token), 303)
	// 4. They finish, and none of them brings the cookie back.
	for _, a := range letGo() {
		if a == nil || a.status != 200 {
			t.Fatalf("a request in flight failed: %v", a)
		}
		assertEqual(t, "cookies", a.value("Set-Cookie"), "")
	}
	// 5. When what was noted has been written, Carol's activity last, the row is not back.
	began := millis(time.Now())
	assertStatus(t, s.get("/", cookie(other)), 200)
	eventually(t, "activity is written", func() bool {
		return number(t, db, "SELECT seen FROM "+table+" WHERE user_id = 'carol'") >= began
	})
	assertEqual(t, "rows", rows(t, db), 1)
}
