package lookup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// scripted is a format whose database answers as it is told to.
type scripted struct {
	format.Format
	mu     sync.Mutex
	err    error
	panics bool
	asked  []store.Key
}

func (s *scripted) Find(_ context.Context, _ format.Database, l format.Lookup, _ time.Time) (*store.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, l.Key)
	if s.panics {
		panic("asked")
	}
	return &store.Session{User: "alice"}, s.err
}

func (s *scripted) set(err error, panics bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err, s.panics = err, panics
}

// since returns what was asked for since that was asked last.
func (s *scripted) since() []store.Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.asked
	s.asked = nil
	return asked
}

// scriptedTable is a table in a bubble, over a database that is ready.
func scriptedTable(db *database) (*table, *scripted, *storetest.Log) {
	s, log := new(scripted), new(storetest.Log)
	return newTable(db, s, slog.New(slog.NewTextHandler(log, nil))), s, log
}

// errAway is what is said when the database has not answered in time.
var errAway = fmt.Errorf("finding a session: %w: %w", store.ErrUnavailable, context.DeadlineExceeded)

func findKey(t *table, n byte) error {
	_, err := t.Find(context.Background(), format.Lookup{Key: store.Key{n}}, time.Now())
	return err
}

func TestF2_WhatCouldNotBeAnsweredIsTriedUntilItIs(t *testing.T) {
	realm, _ := startedRealm(t, storetest.SQLite(t), 0)
	if !realm.db.IsAway(errAway) {
		t.Fatal("this error does not mean that the database is away")
	}
	synctest.Test(t, func(t *testing.T) {
		table, s, log := scriptedTable(realm.db)
		// 1. Answers of every kind, and lookups that had to wait too long for others, are
		// no reason to leave it alone.
		for _, err := range []error{format.ErrUnknown, store.ErrOverload, nil} {
			s.set(err, false)
			for range 2 * tripAfter {
				if got := findKey(table, 1); !errors.Is(got, err) {
					t.Fatal(got)
				}
			}
		}
		s.since()
		// 2. It goes away. The fifth failure is the last one that waits.
		s.set(errAway, false)
		for range tripAfter {
			if err := findKey(table, 2); !errors.Is(err, errAway) {
				t.Fatal(err)
			}
		}
		if n := len(s.since()); n != tripAfter {
			t.Errorf("it was asked %d times", n)
		}
		if after(tryEvery); len(s.asked) != 1 || s.since()[0] != (store.Key{2}) {
			t.Error("it is not tried with what failed")
		}
		for range 3 {
			if err := findKey(table, 3); !isAnsweredAtOnce(err) || StatusOf(err) != StatusUnavailable {
				t.Fatal(err)
			}
		}
		if n := len(s.since()); n != 0 {
			t.Errorf("it was asked %d times while it is left alone", n)
		}
		// 3. It is tried with what was asked for last, though that panics or is too late.
		for i, how := range []struct {
			err    error
			panics bool
		}{{errAway, false}, {nil, true}, {store.ErrOverload, false}, {errAway, false}} {
			s.set(how.err, how.panics)
			after(tryEvery)
			if asked := s.since(); len(asked) != 1 || asked[0] != (store.Key{3}) {
				t.Errorf("try %d: %v", i, asked)
			}
			if err := findKey(table, 3); !isAnsweredAtOnce(err) {
				t.Errorf("after try %d: %v", i, err)
			}
		}
		// 4. It answers, and is left to the requests.
		s.set(nil, false)
		after(tryEvery)
		if asked := s.since(); len(asked) != 1 {
			t.Errorf("tried %d times", len(asked))
		}
		after(10 * tryEvery)
		if asked := s.since(); len(asked) != 0 {
			t.Errorf("it is tried on, %d times", len(asked))
		}
		if err := findKey(table, 4); err != nil || len(s.since()) != 1 {
			t.Error(err)
		}
		for _, line := range []string{"does not answer", "asking the session database panicked", "answers again"} {
			if n := strings.Count(log.String(), line); n != 1 {
				t.Errorf("%q is logged %d times", line, n)
			}
		}
		if n := realm.db.holds.Load(); n != 0 {
			t.Errorf("%d holds are left", n)
		}
	})
}

// Whoever tries goes when the realm ends, or its database.
func TestF5_NobodyTriesForARealmThatHasEnded(t *testing.T) {
	realm, _ := startedRealm(t, storetest.SQLite(t), 0)
	for name, end := range map[string]func(*table){
		"the realm":    func(t *table) { t.close() },
		"its database": func(t *table) { t.db.holds.Store(-10) },
	} {
		synctest.Test(t, func(t *testing.T) {
			table, s, _ := scriptedTable(realm.db)
			s.set(errAway, false)
			for range tripAfter {
				_ = findKey(table, 1)
			}
			s.since()
			end(table)
			after(10 * tryEvery)
			if asked := s.since(); len(asked) != 0 {
				t.Errorf("%s has ended, and it is asked %d times", name, len(asked))
			}
		})
	}
	// A request that is too late is told so, and holds nothing.
	table, s, _ := scriptedTable(realm.db)
	if err := findKey(table, 1); !errors.Is(err, errClosed) || len(s.since()) != 0 || realm.db.holds.Load() != -10 {
		t.Errorf("%v, %d holds", err, realm.db.holds.Load())
	}
	realm.db.holds.Store(0)
}

// Before the database was reached, the store says so itself; nothing counts as a fall.
func TestF2_BeforeTheFirstStartNothingIsTried(t *testing.T) {
	db, settings := pooled(t)
	defer func() { _ = closeDatabase(settings) }()
	table, s, _ := scriptedTable(db)
	s.set(errAway, false)
	for range 2 * tripAfter {
		if err := findKey(table, 1); !errors.Is(err, errAway) {
			t.Error(err)
		}
	}
	if n := len(s.since()); n != 2*tripAfter || table.breaker.failures.Load() != 0 {
		t.Errorf("asked %d times, %d failures", n, table.breaker.failures.Load())
	}
}
