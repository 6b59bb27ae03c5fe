package store_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// living are the sessions of alice at a time, by three ways of asking.
func living(t *testing.T, x *store.Sessions, now time.Time) int {
	t.Helper()
	list, err := x.List(t.Context(), "alice", 10, now)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := x.Count(t.Context(), "alice", now); n != int64(len(list)) || err != nil {
		t.Errorf("counted %d, listed %d: %v", n, len(list), err)
	}
	for _, s := range list {
		if shown, err := x.Show(t.Context(), s.ID, now); shown == nil || err != nil || !shown.Expires.Equal(s.Expires) || !s.Expires.After(now) {
			t.Errorf("listed %v, shown %v: %v", s, shown, err)
		}
	}
	return len(list)
}

func testOwnLifetime(t *testing.T, f *fixture) {
	const day = 24 * time.Hour
	sessions := func(lifetime, longest time.Duration) *store.Sessions {
		return f.Sessions("main", 100*day, lifetime).AtMost(longest)
	}
	begin := func(x *store.Sessions, own time.Duration) time.Duration {
		n := store.NewSession{Identity: store.Identity{User: "alice"}, Lifetime: own}
		_, s, err := x.Create(t.Context(), n, f.now)
		if err != nil {
			t.Fatal(err)
		}
		return s.Expires.Sub(f.now)
	}
	x := sessions(day, 30*day)
	for own, want := range map[time.Duration]time.Duration{
		0: day, time.Hour: time.Hour, 20 * day: 20 * day, 30 * day: 30 * day, 31 * day: 30 * day,
	} {
		if got := begin(x, own); got != want {
			t.Errorf("a session of %v lives %v, want %v", own, got, want)
		}
	}
	for _, c := range []struct {
		x     *store.Sessions
		after time.Duration
		want  int
	}{
		{x, 2 * time.Hour, 4},
		{x, 2 * day, 3},
		{x, 25 * day, 2},
		{x, 30 * day, 0},
		{sessions(day, 10*day), 9 * day, 3}, // lowered: at once
		{sessions(day, 10*day), 10 * day, 0},
		{sessions(day, 0), 12 * time.Hour, 4}, // never less than the lifetime
		{sessions(day, 0), day, 0},
		{sessions(day, 40*day), 29 * day, 2}, // raised: as long as they were started for
		{sessions(day, 40*day), 31 * day, 0},
	} {
		if got := living(t, c.x, f.now.Add(c.after)); got != c.want {
			t.Errorf("%d live after %v, want %d", got, c.after, c.want)
		}
	}
}

// setTimes changes the times of all rows past the store.
func setTimes(t *testing.T, f *fixture, created, seen, expires int64) {
	t.Helper()
	text := fmt.Sprintf("UPDATE caddy_session_sessions SET created = %d, seen = %d, expires = %d", created, seen, expires)
	if _, err := storetest.Open(t, f.url).ExecContext(t.Context(), text); err != nil {
		t.Fatal(err)
	}
}

func testFuture(t *testing.T, f *fixture) {
	_, session := create(t, f.x, "alice", f.now)
	now, year9999 := f.now.UnixMilli(), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC).UnixMilli()
	const hour = int64(3600_000)
	for name, c := range map[string]struct {
		created, seen, expires int64
		lives                  bool
		ends                   time.Duration // from now
	}{
		"as it should be":            {now - hour, now, now + 23*hour, true, lifetime - time.Hour},
		"a clock a little ahead":     {now + 240_000, now + 240_000, now + 24*hour, true, lifetime},
		"created in the year 9999":   {year9999, now, year9999, true, lifetime},
		"and over by itself":         {year9999, now, now, false, 0},
		"at the end of all numbers":  {math.MaxInt64, math.MaxInt64, math.MaxInt64, true, lifetime},
		"used in the year 9999":      {now - hour, year9999, year9999, true, lifetime - time.Hour},
		"used then, and too old":     {now - 24*hour, year9999, year9999, false, 0},
		"created before 1970":        {-hour, now, year9999, false, 0},
		"at the start of all":        {math.MinInt64, now, year9999, false, 0},
		"created then, used never":   {year9999, now - hour, year9999, false, 0},
		"created then, used in 1960": {year9999, -10 * 8766 * hour, year9999, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			setTimes(t, f, c.created, c.seen, c.expires)
			want := 0
			if c.lives {
				want = 1
			}
			if got := living(t, f.x, f.now); got != want {
				t.Fatalf("%d live, want %d", got, want)
			}
			shown, err := f.x.Show(t.Context(), session.ID, f.now)
			if (shown != nil) != c.lives || err != nil {
				t.Fatal(shown, err)
			}
			if !c.lives {
				return
			}
			if got := shown.Expires.Sub(f.now); got != c.ends {
				t.Errorf("it ends in %v, want %v", got, c.ends)
			}
			if _, err := json.Marshal(shown); err != nil {
				t.Error("a list cannot be written:", err) // for it has years of four digits only
			}
		})
	}
}
