package lookup

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
)

// lived is a session that was used last, and ends, so long after the epoch.
func lived(seen, expires time.Duration) *Session {
	s := &store.Session{User: "alice", ID: strings.Repeat("0a", 16), Seen: time.UnixMilli(0).Add(seen)}
	if expires > 0 {
		s.Expires = time.UnixMilli(0).Add(expires)
	}
	return NewSession(s)
}

func TestS4_ASessionInMemoryEndsToTheMillisecond(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		session   *Session
		now, idle time.Duration
		alive     bool
	}{
		{lived(0, time.Hour), time.Hour - ms, 0, true},
		{lived(0, time.Hour), time.Hour, 0, false},
		{lived(0, time.Hour), time.Minute - ms, time.Minute, true},
		{lived(0, time.Hour), time.Minute, time.Minute, false},
		{lived(time.Minute, time.Hour), 2*time.Minute - ms, time.Minute, true},
		{lived(time.Minute, time.Hour), 2 * time.Minute, time.Minute, false},
		{lived(59*time.Minute, time.Hour), time.Hour, time.Hour, false},
		{lived(0, 0), 1000 * time.Hour, 0, true}, // its program knows no end
		{lived(0, 0), time.Minute, time.Minute, false},
	} {
		if got := c.session.alive(time.UnixMilli(0).Add(c.now), c.idle); got != c.alive {
			t.Errorf("used at %d, ends at %d, after %v with %v: %v", c.session.seen, c.session.expires, c.now, c.idle, got)
		}
	}
}

func TestS9_OneOfManyNotesActivity(t *testing.T) {
	at := func(d time.Duration) time.Time { return time.UnixMilli(0).Add(d) }
	s := lived(time.Hour, 0)
	if s.touch(at(time.Hour+time.Minute-time.Millisecond), time.Minute) {
		t.Error("noted within the interval since the row's own")
	}
	now := at(time.Hour + time.Minute)
	var told atomic.Int64
	var requests sync.WaitGroup
	for range 50 {
		requests.Go(func() {
			if s.touch(now, time.Minute) {
				told.Add(1)
			}
		})
	}
	requests.Wait()
	if told.Load() != 1 || s.noted() != now.UnixMilli() {
		t.Errorf("%d are told to note it, at %d", told.Load(), s.noted())
	}
	if s.touch(now.Add(time.Minute-time.Millisecond), time.Minute) || !s.touch(now.Add(time.Minute), time.Minute) {
		t.Error("the next is an interval after the last")
	}
}

// What another node has seen keeps a session alive; an older sight takes nothing away.
func TestRecheck_ALaterUseElsewhereCounts(t *testing.T) {
	s := lived(time.Second, 0)
	for _, c := range []struct{ seen, noted int64 }{{5000, 5000}, {4000, 5000}, {5000, 5000}, {5001, 5001}} {
		if s.sawUse(c.seen); s.noted() != c.noted {
			t.Errorf("seen at %d: noted at %d, want %d", c.seen, s.noted(), c.noted)
		}
	}
}

func TestRecheck_WhatIsAnotherAnswer(t *testing.T) {
	base := store.Session{User: "alice", ID: strings.Repeat("0a", 16), Expires: time.UnixMilli(5), Seen: time.UnixMilli(1), Claims: store.Claims{"email": store.Text("a@b")}}
	for name, c := range map[string]struct {
		change func(*store.Session)
		same   bool
	}{
		"nothing":   {func(*store.Session) {}, true},
		"use":       {func(s *store.Session) { s.Seen = time.UnixMilli(2) }, true},
		"user":      {func(s *store.Session) { s.User = "bob" }, false},
		"end":       {func(s *store.Session) { s.Expires = time.UnixMilli(6) }, false},
		"no end":    {func(s *store.Session) { s.Expires = time.Time{} }, false},
		"id":        {func(s *store.Session) { s.ID = strings.Repeat("0b", 16) }, false},
		"claims":    {func(s *store.Session) { s.Claims = store.Claims{"email": store.Text("a@c")} }, false},
		"no claims": {func(s *store.Session) { s.Claims = nil }, false},
	} {
		other := base
		c.change(&other)
		for _, packs := range []int{0, 1, 2, 3} {
			a, b := NewSession(&base), NewSession(&other)
			if packs&1 > 0 {
				a.pack()
			}
			if packs&2 > 0 {
				b.pack()
			}
			if a.sameAs(b) != c.same || b.sameAs(a) != c.same {
				t.Errorf("%s, packed %b: want %v", name, packs, c.same)
			}
		}
	}
}

func TestSession_PackedItSaysTheSame(t *testing.T) {
	const id = "00112233445566778899aabbccddeeff"
	for _, claims := range []store.Claims{nil, {}, {"email": store.Text("a@b"), "groups": store.List("x", "y")}} {
		s := NewSession(&store.Session{User: "alice", ID: id, Claims: claims})
		before := s.Identity()
		s.pack()
		after := s.Identity()
		if s.claims != nil || s.PublicID() != id || before.User != "alice" || after.User != "alice" {
			t.Errorf("%v: id %s, %v, then %v", claims, s.PublicID(), before, after)
		}
		want, _ := before.Claims.Text()
		if got, err := after.Claims.Text(); got != want || err != nil || len(after.Claims) != len(claims) {
			t.Errorf("%v: %s, want %s", claims, got, want)
		}
	}
}

// The bound on all entries together is one on each kind: small ones count as a share.
func TestCache_WhatASessionWeighs(t *testing.T) {
	small, big := &Session{User: "a"}, &Session{User: strings.Repeat("u", 300), packed: strings.Repeat("c", 5000)}
	if n := uint64(small.weight()) * cacheEntries; n < cacheBytes || n > cacheBytes+cacheEntries {
		t.Errorf("so many small ones weigh %d, want %d", n, cacheBytes)
	}
	if n := big.weight(); n < 300+2*5000 || n > 300+2*5000+1000 {
		t.Errorf("a big one weighs %d", n)
	}
}

func TestStatusOf(t *testing.T) {
	for want, err := range map[string]error{
		StatusOK:          nil,
		StatusStale:       fmt.Errorf("%w: %w", errStale, store.ErrUnavailable),
		"expired":         fmt.Errorf("so: %w", format.ErrExpired),
		StatusUnavailable: errors.New("anything"),
	} {
		if got := StatusOf(err); got != want {
			t.Errorf("%v: %s, want %s", err, got, want)
		}
	}
}

// Each guard finds its own, never another's, and a session does not grow with every
// guard that has ever been.
func TestS6_WhatAGuardHasPreparedIsItsOwn(t *testing.T) {
	s := lived(0, 0)
	var guards [3 * maxPrepared]*int
	for i := range guards {
		guards[i] = new(i)
		if s.PreparedFor(guards[i]) != nil {
			t.Fatal("prepared by nobody")
		}
		s.Prepare(Prepared{Guard: guards[i], Values: []string{fmt.Sprint(i)}})
		remembered := 0
		for j, guard := range guards[:i+1] {
			if p := s.PreparedFor(guard); p != nil {
				remembered++
				if p.Values[0] != fmt.Sprint(j) {
					t.Errorf("guard %d gets %v", j, p.Values)
				}
			}
		}
		if s.PreparedFor(guards[i]) == nil || remembered > maxPrepared || i < maxPrepared && remembered != i+1 {
			t.Errorf("after %d guards %d are remembered", i+1, remembered)
		}
	}
}
