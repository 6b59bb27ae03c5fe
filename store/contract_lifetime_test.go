package store_test

import (
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
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
