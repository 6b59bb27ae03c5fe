//go:build unix

package tests

import (
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
)

func TestS5_RealmsAreWalls(t *testing.T) {
	s := start(t, setup{
		global: `session portal {
			store {store}
			cookie __Host-portal
		}
		session twin {
			store {store}
			cookie __Host-session
		}`,
		site: guarded() + `
		handle /portal/login {
			session_login portal {
				user carol
			}
			respond ok
		}
		handle /portal/logout {
			session_logout portal
		}
		handle /portal* {
			session portal
			reverse_proxy {app}
		}
		handle /twin* {
			session twin
			reverse_proxy {app}
		}
		handle /both {
			session portal {
				optional
			}
			session {
				optional
				headers x-forwarded
			}
			reverse_proxy {app}
		}`,
	})
	token := s.login(alice)
	theirs, _ := setCookie(t, s.get("/portal/login"), "__Host-portal")
	s.secret(theirs)
	portal := "Cookie: __Host-portal="
	// 1. Each token works in its own realm.
	s.assertOK(s.get("/", cookie(token)), alice)
	s.assertOK(s.get("/portal", portal+theirs), identity{user: "carol"})
	// 2. In the other one it is nothing, though both are in one database, and though it is cached.
	s.assertSTOP(s.get("/portal", portal+token))
	s.assertSTOP(s.get("/", cookie(theirs)))
	// 3. Not even under the same cookie name.
	s.assertSTOP(s.get("/twin", cookie(token)))
	// 4. A logout of one realm leaves the other alone.
	assertStatus(t, s.post("/portal/logout", portal+token, cookie(token)), 303)
	s.assertOK(s.get("/", cookie(token)), alice)
	s.assertOK(s.get("/portal", portal+theirs), identity{user: "carol"})
	// 5. Two guards on one route keep their people apart.
	a := s.get("/both", portal+theirs, cookie(token))
	assertStatus(t, a, 200)
	assertLines(t, s.app.one(t), alice.lines(xForwardedSet))
}

func TestS5_GuardsWithOtherSettingsShareNoDecision(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 1h", site: guarded() + `
		handle /strict* {
			session {
				require groups wheel
			}
			reverse_proxy {app}
		}
		handle /forwarded* {
			session {
				headers x-forwarded
			}
			reverse_proxy {app}
		}`})
	token := s.login(alice)
	for range 3 {
		s.assertOK(s.get("/", cookie(token)), alice)
		assertStatus(t, s.get("/strict", cookie(token)), 403)
		s.app.untouched(t)
		assertStatus(t, s.get("/forwarded", cookie(token)), 200)
		assertLines(t, s.app.one(t), alice.lines(xForwardedSet))
	}
}

func TestS6_NobodyEverGetsTheOthersIdentity(t *testing.T) {
	for _, ttl := range []string{"0", "1ms", "1h"} {
		t.Run("cache_ttl "+ttl, func(t *testing.T) {
			s := start(t, setup{realm: "cache_ttl " + ttl})
			// The upstream answers with whom it was told of.
			s.app.answers(func(c net.Conn, r *message) { reply(200, r.value("Remote-User")+"/"+r.value("Remote-Groups"))(c, r) })
			people := []identity{alice, carol, {user: ""}}
			tokens := []string{s.login(alice), s.login(carol), "x"}
			var workers sync.WaitGroup
			for worker := range 8 {
				workers.Go(func() { s.interleave(worker, people, tokens) })
			}
			workers.Wait()
			s.app.take()
		})
	}
}

// interleave sends requests of several people on one connection, and hangs up
// in the midst of some.
func (s *server) interleave(seed int, people []identity, tokens []string) {
	random := rand.New(rand.NewPCG(1, uint64(seed)))
	var c *client
	for range 150 {
		if c == nil {
			conn, err := net.Dial(s.network, s.address)
			if err != nil {
				s.t.Error(err)
				return
			}
			c = newClient(conn)
		}
		i := random.IntN(len(people))
		text := request("GET", "/public", cookie(tokens[i]))
		if random.IntN(4) == 0 {
			_, _ = c.Write([]byte(text[:len(text)-random.IntN(2)]))
			c.Close()
			c = nil
			continue
		}
		a, err := c.exchange(text)
		if err != nil || a.status != 200 {
			s.t.Errorf("%v %v", a, err)
			return
		}
		if want := people[i].user + "/" + strings.Join(people[i].groups, ","); a.body != want {
			s.t.Errorf("%s was taken for %s", want, a.body)
			return
		}
	}
	if c != nil {
		c.Close()
	}
}
