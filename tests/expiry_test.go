//go:build unix

package tests

import (
	"strings"
	"testing"
	"time"
)

func TestS4_ExpiryHoldsToTheSecond(t *testing.T) {
	const hour = int64(3600_000)
	s := start(t, setup{site: statusSite, realm: "cache_ttl 0\nidle_timeout 1h\nlifetime 24h"})
	db := s.database()
	for _, c := range []struct {
		name         string
		seen, expire int64 // from now, in ms
		alive        bool
	}{
		{"fresh", 0, 24 * hour, true},
		{"idle for a minute less than allowed", -hour + 60_000, 24 * hour, true},
		{"idle for a millisecond more", -hour - 1, 24 * hour, false},
		{"idle for long", -10 * hour, 24 * hour, false},
		{"a minute before its end", 0, 60_000, true},
		{"at its end", 0, 0, false},
		{"after its end", 0, -1, false},
		{"long after its end", -24 * hour, -24 * hour, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			token := s.login(alice)
			now := millis(time.Now())
			execute(t, db, "UPDATE "+table+" SET created = ?, seen = ?, expires = ?", now-12*hour, now+c.seen, now+c.expire)
			a := s.get("/", cookie(token))
			if c.alive {
				s.assertOK(a, alice)
			} else {
				s.assertStatusIs(t, a, "expired")
			}
		})
	}
}

func TestS4_ACachedSessionDoesNotOutliveItsLifetime(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 1h\nlifetime 3s"})
	token := s.login(alice)
	end := time.UnixMilli(number(t, s.database(), "SELECT expires FROM "+table))
	// It is served until its end, and not afterwards.
	for {
		began := time.Now()
		a := s.get("/", cookie(token))
		done := time.Now()
		if a.status == 200 && began.After(end) {
			t.Fatalf("served %v after its end", began.Sub(end))
		}
		if a.status != 200 {
			if done.Before(end) {
				t.Fatalf("status %d %v before its end", a.status, end.Sub(done))
			}
			break
		}
	}
	s.app.take()
}

func TestS4_ACachedSessionDoesNotOutliveItsIdleTimeout(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 1h\nidle_timeout 2s"})
	token := s.login(alice)
	s.get("/", cookie(token))
	s.app.take()
	waitUntil(time.Now().Add(2*time.Second + time.Millisecond))
	s.assertSTOP(s.get("/", cookie(token)))
}

func TestS4_ActivityKeepsASessionAlive(t *testing.T) {
	s := start(t, setup{realm: "idle_timeout 2s"})
	token := s.login(alice)
	// Requests go on for three times the idle timeout.
	end := time.Now().Add(6 * time.Second)
	last := time.Now()
	for time.Now().Before(end) {
		a := s.get("/", cookie(token))
		if paused := time.Since(last) > 1500*time.Millisecond; paused {
			// The machine was busy for nearly the idle timeout: begin anew.
			token, last = s.login(alice), time.Now()
			continue
		}
		last = time.Now()
		if a.status != 200 {
			t.Fatalf("an active session ended: %v", a)
		}
		waitUntil(last.Add(50 * time.Millisecond))
	}
	// They stop, and so does the session, cached or not.
	waitUntil(time.Now().Add(2 * time.Second))
	s.app.take()
	s.assertSTOP(s.get("/", cookie(token)))
}

// waitUntil waits for a moment that the story itself names.
func waitUntil(moment time.Time) { <-time.After(time.Until(moment)) }

func TestS4_TheCookieLastsAsLongAsItSays(t *testing.T) {
	s := start(t, setup{realm: "lifetime 12h\ncookie __Host-session {\n persist\n}"})
	s.page.answers(alice.loginPage())
	_, attributes := setCookie(t, s.get("/login"), cookieName)
	assertEqual(t, "attributes", strings.Join(attributes, "; "), "HttpOnly; Max-Age=43200; Path=/; SameSite=Lax; Secure")
	db := s.database()
	assertEqual(t, "lifetime in the row", number(t, db, "SELECT expires - created FROM "+table), 12*3600*1000)
}

// A lifetime that was lowered ends older sessions at once, those in memory and
// in lists too.
func TestD10_ALoweredLifetimeEndsOlderSessionsAtOnce(t *testing.T) {
	s := start(t, setup{realm: "lifetime 30d\nidle_timeout 20d"})
	older, younger := s.login(alice), s.login(carol)
	execute(t, s.database(), "UPDATE "+table+" SET created = created - ? WHERE user_id = 'alice'", (10 * 24 * time.Hour).Milliseconds())
	s.reload()
	s.assertOK(s.get("/", cookie(older)), alice)
	config := s.config
	config.realm = "lifetime 8h"
	s.load(config)
	assertStatus(t, s.get("/", cookie(older)), 401)
	s.assertOK(s.get("/", cookie(younger)), carol)
	// Raised again, it lives as long as it was started for.
	config.realm = "lifetime 30d\nidle_timeout 20d"
	s.load(config)
	s.assertOK(s.get("/", cookie(older)), alice)
}

// A session with a lifetime of its own lives beyond the others, never beyond
// max_lifetime: lowered, that ends it at once.
func TestD10_MaxLifetimeCapsALifetimeOfItsOwn(t *testing.T) {
	s := start(t, setup{realm: "lifetime 8h\nmax_lifetime 30d\nidle_timeout 8h"})
	own, ordinary := s.login(alice), s.login(carol)
	const day = 24 * time.Hour
	execute(t, s.database(), "UPDATE "+table+" SET expires = created + ? WHERE user_id = 'alice'", (20 * day).Milliseconds())
	execute(t, s.database(), "UPDATE "+table+" SET created = created - ?, expires = expires - ?", (10 * day).Milliseconds(), (10 * day).Milliseconds())
	s.assertOK(s.get("/", cookie(own)), alice)
	assertStatus(t, s.get("/", cookie(ordinary)), 401)
	config := s.config
	config.realm = "lifetime 8h\nmax_lifetime 9d\nidle_timeout 8h"
	s.load(config)
	assertStatus(t, s.get("/", cookie(own)), 401)
}
