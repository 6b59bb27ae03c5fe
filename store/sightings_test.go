package store

import (
	"testing"
	"time"
)

// What lies in the future counts as the moment when it was seen first, for good.
func TestD10_ATimeFromTheFutureCountsFromItsFirstSight(t *testing.T) {
	s, now := NewSightings(), time.Now()
	after := func(d time.Duration) int64 { return now.Add(d).UnixMilli() }
	future := Time{Key{1}, "created", after(10 * time.Hour), after(20 * time.Hour)}
	for _, c := range []struct {
		name string
		t    Time
		at   time.Duration // when it is asked for, after now
		want time.Duration // likewise
	}{
		{"what is past stays", Time{Key{2}, "created", after(-time.Hour), after(time.Hour)}, 0, -time.Hour},
		{"clocks may differ", Time{Key{2}, "created", after(ClockSkew), after(time.Hour)}, 0, ClockSkew},
		{"the first sight", future, 0, 0},
		{"a later one", future, time.Hour, 0},
		{"another row's", Time{Key{3}, "created", future.At, future.Ends}, time.Hour, time.Hour},
		{"another column's", Time{Key{1}, "seen", future.At, future.Ends}, 2 * time.Hour, 2 * time.Hour},
		{"when the clock has reached it", future, 11 * time.Hour, 0},
		{"the row says something else", Time{Key{1}, "created", after(30 * time.Hour), after(40 * time.Hour)}, 3 * time.Hour, 3 * time.Hour},
		{"which is what is remembered", Time{Key{1}, "created", after(30 * time.Hour), after(40 * time.Hour)}, 4 * time.Hour, 3 * time.Hour},
	} {
		if got, ok := s.Count(c.t, now.Add(c.at), true); !ok || got != after(c.want) {
			t.Errorf("%s: counts as %v after now, want %v", c.name, time.UnixMilli(got).Sub(now), c.want)
		}
	}
}

// A list says what it sees, and nothing counts from then on.
func TestD10_AListRemembersNothing(t *testing.T) {
	s, now := NewSightings(), time.Now()
	far := Time{Key{1}, "created", now.Add(time.Hour).UnixMilli(), now.Add(time.Hour).UnixMilli()}
	if got, ok := s.Count(far, now, false); !ok || got != now.UnixMilli() || !s.Empty() {
		t.Error(got, ok, s.Empty())
	}
}

// A machine that gets its time right late takes nothing for old.
func TestD10_AgesAreNotOfTheWallClock(t *testing.T) {
	s, now := NewSightings(), time.Now()
	far := Time{Key{1}, "created", now.Add(24 * time.Hour).UnixMilli(), now.Add(48 * time.Hour).UnixMilli()}
	s.Count(far, now, true)
	// Round drops the monotonic clock: a wall clock that was set.
	first := s.first[sighted{far.Key, far.Column}]
	if first.when.Round(0) == first.when {
		t.Error("the moment has no monotonic clock")
	}
}

// The memory is bounded. Rows that are over by themselves make room; where there is
// none, a row from the future is over, and known ones stay what they are.
func TestD10_TheMemoryOfTheFutureIsBounded(t *testing.T) {
	s, now := NewSightings(), time.Now()
	s.most = 10
	far := func(i int, ends time.Duration) Time {
		return Time{Key{byte(i)}, "created", now.Add(time.Hour).UnixMilli(), now.Add(ends).UnixMilli()}
	}
	for i := range 10 {
		if _, ok := s.Count(far(i, time.Duration(2+i%2)*time.Hour), now, true); !ok {
			t.Fatal("there is no room for", i)
		}
	}
	if _, ok := s.Count(far(10, time.Hour), now, true); ok {
		t.Error("there is room where there should be none")
	}
	if _, ok := s.Count(far(10, time.Hour), now, false); !ok {
		t.Error("a list needs no room")
	}
	if got, ok := s.Count(far(3, 3*time.Hour), now.Add(time.Minute), true); !ok || got != now.UnixMilli() {
		t.Error("a known one has changed:", got, ok)
	}
	later := now.Add(150 * time.Minute)
	next := Time{Key{11}, "created", later.Add(time.Hour).UnixMilli(), later.Add(2 * time.Hour).UnixMilli()}
	if _, ok := s.Count(next, later, true); !ok || len(s.first) != 6 {
		t.Errorf("five are over by themselves, and %d are remembered", len(s.first))
	}
}
