//go:build unix

package tests

import (
	"testing"
	"time"
)

func TestGuard_MaxPerUserEndsTheOldest(t *testing.T) {
	s := start(t, setup{realm: "max_per_user 3\ncache_ttl 0"})
	other := s.login(carol)
	var tokens []string
	for range 5 {
		tokens = append(tokens, s.login(alice))
		s.assertOK(s.get("/", cookie(tokens[len(tokens)-1])), alice)
		waitUntil(time.Now().Add(2 * time.Millisecond)) // times are kept in milliseconds
	}
	for i, token := range tokens {
		a := s.get("/", cookie(token))
		if i < 2 {
			s.assertSTOP(a)
		} else {
			s.assertOK(a, alice)
		}
	}
	s.assertOK(s.get("/", cookie(other)), carol)
	assertEqual(t, "rows", rows(t, s.database()), 4)
}

func TestGuard_MaxPerUserNeverEndsTheNewest(t *testing.T) {
	s := start(t, setup{realm: "max_per_user 1\ncache_ttl 0"})
	// However quickly they follow one another.
	for range 50 {
		token := s.login(alice)
		s.assertOK(s.get("/", cookie(token)), alice)
	}
	assertEqual(t, "rows", rows(t, s.database()), 1)
}
