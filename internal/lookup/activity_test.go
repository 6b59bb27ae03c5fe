package lookup

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// noting counts what is noted. The real backend gets it all the same.
type noting struct {
	backend
	notes atomic.Int64
}

func (n *noting) touch(key store.Key, now time.Time) {
	n.notes.Add(1)
	n.backend.touch(key, now)
}

// notingRealm is a realm whose notes are counted, with a session of alice's.
func notingRealm(t *testing.T, cacheTTL time.Duration) (*Realm, *noting, format.Lookup) {
	t.Helper()
	realm, token := startedRealm(t, storetest.SQLite(t), cacheTTL)
	n := &noting{backend: realm.backend}
	realm.backend = n
	l, err := realm.Lookup(token, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return realm, n, l
}

// begun is the use of a session by a request of that time.
func begun(t *testing.T, realm *Realm, l format.Lookup, now time.Time) *Activity {
	t.Helper()
	s, err := realm.Find(t.Context(), l, now)
	if err != nil {
		t.Fatal(err)
	}
	a := new(Activity)
	if !a.Begin(realm, s, l, now) {
		t.Fatal("there is nothing to note")
	}
	return a
}

func (n *noting) assert(t *testing.T, when string, want int64) {
	t.Helper()
	if got := n.notes.Load(); got != want {
		t.Errorf("%s: %d notes, want %d", when, got, want)
	}
}

func TestS12_OneNoteAnInterval(t *testing.T) {
	realm, n, l := notingRealm(t, time.Hour)
	interval, now := n.interval(), time.Now()
	a, b := begun(t, realm, l, now), begun(t, realm, l, now)
	n.assert(t, "the login was a moment ago", 0)
	a.Note(now.Add(interval - time.Second))
	n.assert(t, "before the interval is over", 0)
	for i := int64(1); i <= 3; i++ {
		now = now.Add(interval + time.Second)
		var passing sync.WaitGroup
		for range 10 { // uploads and downloads of two requests
			passing.Go(func() { a.Note(now) })
			passing.Go(func() { b.Note(now) })
		}
		passing.Wait()
		a.Note(now.Add(interval / 2))
		n.assert(t, "after each interval", i)
	}
}

func TestS12_WhatIsOverIsNotBroughtBack(t *testing.T) {
	for name, ttl := range map[string]time.Duration{"cached": time.Hour, "not cached": 0} {
		t.Run(name, func(t *testing.T) {
			realm, n, l := notingRealm(t, ttl)
			now := time.Now()
			a := begun(t, realm, l, now)
			// 1. Nothing passes for longer than the idle timeout, and then a byte.
			now = now.Add(realm.settings.Idle + time.Second)
			a.Note(now)
			n.assert(t, "a session that was idle for too long", 0)
			if _, err := realm.Find(t.Context(), l, now); StatusOf(err) != string(format.ErrExpired) {
				t.Errorf("a byte brought it back: %v", err)
			}
			// 2. More of them change nothing.
			a.Note(now.Add(n.interval() + time.Second))
			n.assert(t, "later", 0)
		})
	}
}

func TestS12_OthersMayHaveKeptItAlive(t *testing.T) {
	for name, ttl := range map[string]time.Duration{"cached": time.Hour, "not cached": 0} {
		t.Run(name, func(t *testing.T) {
			realm, n, l := notingRealm(t, ttl)
			began := time.Now()
			// 1. While one connection is silent, requests go on.
			silent := begun(t, realm, l, began)
			begun(t, realm, l, began.Add(50*time.Minute))
			n.assert(t, "the request", 1)
			// 2. Then only the connection goes on: its session is noted again.
			silent.Note(began.Add(70 * time.Minute))
			n.assert(t, "the connection", 2)
			silent.Note(began.Add(120 * time.Minute))
			n.assert(t, "the connection again", 3)
			if _, err := realm.Find(t.Context(), l, began.Add(170*time.Minute)); err != nil {
				t.Errorf("its notes do not count: %v", err)
			}
		})
	}
}

func TestS12_WhileTheDatabaseIsAwayNothingIsAskedAgainForAnInterval(t *testing.T) {
	realm, n, l := notingRealm(t, 0)
	now := time.Now()
	a := begun(t, realm, l, now)
	table := realm.finder
	away := &awayFinder{}
	realm.finder = away
	now = now.Add(realm.settings.Idle + time.Second)
	for range 100 {
		a.Note(now)
	}
	if away.asked != 1 {
		t.Errorf("it was asked %d times", away.asked)
	}
	realm.finder = table
	n.assert(t, "away", 0)
}

// When it is back, what passes counts again.
func TestS12_AfterAnOutageActivityIsNotedAgain(t *testing.T) {
	realm, n, l := notingRealm(t, 0)
	began := time.Now()
	silent := begun(t, realm, l, began)
	begun(t, realm, l, began.Add(50*time.Minute)) // others keep it alive
	n.assert(t, "the request", 1)
	table := realm.finder
	realm.finder = &awayFinder{}
	silent.Note(began.Add(70 * time.Minute))
	n.assert(t, "while the database is away", 1)
	realm.finder = table
	silent.Note(began.Add(70*time.Minute + n.interval()))
	n.assert(t, "when it is back", 2)
}

// Who is active costs no question.
func TestS12_ActivityAsksForNothing(t *testing.T) {
	realm, n, l := notingRealm(t, 0)
	now := time.Now()
	a := begun(t, realm, l, now)
	away := &awayFinder{}
	realm.finder = away
	for range 3 {
		now = now.Add(n.interval() + time.Second)
		a.Note(now)
	}
	n.assert(t, "active", 3)
	if away.asked != 0 {
		t.Errorf("the database was asked %d times", away.asked)
	}
}

// awayFinder is a database that is away.
type awayFinder struct{ asked int }

func (f *awayFinder) Find(context.Context, format.Lookup, time.Time) (*Session, error) {
	f.asked++
	return nil, store.ErrUnavailable
}

// Sessions of other programs are theirs to note.
func TestS12_Foreign_NothingIsNoted(t *testing.T) {
	realm, n, l := notingRealm(t, 0)
	s, err := realm.Find(t.Context(), l, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	realm.backend = new(foreign)
	if new(Activity).Begin(realm, s, l, time.Now().Add(30*time.Minute)) {
		t.Error("there is something to note")
	}
	n.assert(t, "foreign", 0)
}

func TestBudget_ActivityAllocatesNothing(t *testing.T) {
	realm, _, l := notingRealm(t, time.Hour)
	now := time.Now()
	a := begun(t, realm, l, now)
	if n := testing.AllocsPerRun(100, func() { a.Note(now) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkActivity(b *testing.B) {
	realm, token := startedRealm(b, storetest.SQLite(b), time.Hour)
	l, err := realm.Lookup(token, time.Now())
	if err != nil {
		b.Fatal(err)
	}
	s, err := realm.Find(b.Context(), l, time.Now())
	if err != nil {
		b.Fatal(err)
	}
	a := new(Activity)
	a.Begin(realm, s, l, time.Now())
	b.ReportAllocs()
	for b.Loop() {
		a.Note(time.Now())
	}
}
