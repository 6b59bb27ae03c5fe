//go:build unix

package tests

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

func TestEveryDatabase_LoginIdentityLogout(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := start(t, setup{store: url, realm: "cache_ttl 0"})
		s.secretURL(url)
		// 1. Alice logs in, on two browsers, and the app knows her.
		token, phone := s.login(alice), s.login(alice)
		s.assertOK(s.get("/", append(mallory.lines(remoteSet), cookie(token))...), alice)
		s.assertAnonymous(s.get("/public", mallory.lines(remoteSet)...))
		s.assertSTOP(s.get("/", cookie(forged(token))))
		// 2. Names of all the world, and those that a lax comparison takes for hers.
		for _, who := range []identity{{user: "爱丽丝", name: "🦊 Ünïcødé"}, {user: "Alice"}, {user: "ALICE"}, {user: "alicé"}, {user: "'; DROP TABLE x; --"}, {user: "{env.HOME}"}, {user: strings.Repeat("a", 255)}} {
			s.assertOK(s.get("/", cookie(s.become(who))), who)
		}
		// 3. Claims up to the limit.
		long := identity{user: "long", name: strings.Repeat("ü", 1900)}
		s.assertOK(s.get("/", cookie(s.become(long))), long)
		// 4. A login ends the session that the browser had.
		next := s.login(carol, cookie(phone))
		s.assertSTOP(s.get("/", cookie(phone)))
		s.assertOK(s.get("/", cookie(next)), carol)
		// 5. A reload logs nobody out.
		s.reload()
		s.assertOK(s.get("/", cookie(token)), alice)
		// 6. Alice logs out.
		a := s.logout(token)
		assertStatus(t, a, 303)
		assertExpired(t, a)
		s.assertSTOP(s.get("/", cookie(token)))
		s.assertOK(s.get("/", cookie(next)), carol)
	})
}

func TestEveryDatabase_LogoutEverywhereIsForOneUserOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := start(t, setup{store: url, site: "handle /out {\n session_logout {\n everywhere\n }\n}\n" + guarded()})
		s.secretURL(url)
		var hers []string
		for range 3 {
			hers = append(hers, s.become(identity{user: "alice"}))
		}
		others := map[string]string{}
		for _, user := range []string{"Alice", "alicé", "alice ", "ali%", "alic_", "bob"} {
			if user = strings.TrimSpace(user); user != "alice" {
				others[user] = s.become(identity{user: user})
			}
		}
		s.post("/out", cookie(hers[0]))
		for _, token := range hers {
			s.assertSTOP(s.get("/", cookie(token)))
		}
		for user, token := range others {
			s.assertOK(s.get("/", cookie(token)), identity{user: user})
		}
	})
}

func TestEveryDatabase_MaxPerUserEndsTheOldest(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := start(t, setup{store: url, realm: "max_per_user 2\ncache_ttl 1h"})
		var tokens []string
		for range 3 {
			tokens = append(tokens, s.login(alice))
			waitUntil(time.Now().Add(2 * time.Millisecond)) // times are kept in milliseconds
		}
		s.assertSTOP(s.get("/", cookie(tokens[0])))
		s.assertOK(s.get("/", cookie(tokens[1])), alice)
		s.assertOK(s.get("/", cookie(tokens[2])), alice)
	})
}

func TestS3_EveryDatabase_NoResurrection(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := start(t, setup{store: url, realm: "idle_timeout 4s\ncache_ttl 0"}) // activity is noted after a second
		s.secretURL(url)
		token, other := s.login(alice), s.login(carol)
		db := storetest.Open(t, url)
		seen := func(user string) (ms int64) {
			row := db.QueryRow("SELECT max(seen) FROM " + table + " WHERE user_id = '" + user + "'")
			if err := row.Scan(&ms); err != nil {
				t.Fatal(err)
			}
			return ms
		}
		waitUntil(time.UnixMilli(seen("alice")).Add(1100 * time.Millisecond))
		letGo := s.keepWaiting(20, token)
		assertStatus(t, s.logout(token), 303)
		letGo()
		before := seen("carol")
		assertStatus(t, s.get("/", cookie(other)), 200)
		eventually(t, "activity is written", func() bool { return seen("carol") > before })
		var rows int
		if err := db.QueryRow("SELECT count(*) FROM " + table + " WHERE user_id = 'alice'").Scan(&rows); err != nil || rows != 0 {
			t.Errorf("%d rows of alice's, %v", rows, err)
		}
	})
}

// secretURL notes the password of a URL, and the URL if it has one.
func (s *server) secretURL(address string) {
	if u, err := url.Parse(address); err == nil && u.User != nil {
		if password, ok := u.User.Password(); ok && password != "" {
			s.secret(address)
			s.secret(password)
		}
	}
}
