package lookup

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
)

// replica is a node of a database that knows a session from some moment on.
type replica struct {
	knows time.Time
	asked int
}

func (r *replica) Find(context.Context, format.Lookup, time.Time) (*Session, error) {
	r.asked++
	if time.Now().Before(r.knows) {
		return nil, format.ErrUnknown
	}
	return &Session{User: "alice"}, nil
}

// A login on one node, and the next request on another one whose database is a
// little behind: it waits for a moment, and is answered.
func TestASessionThatIsNotHereYet(t *testing.T) {
	for name, c := range map[string]struct {
		behind, lag, age time.Duration
		old              bool // the token does not say when it was made
		want             string
		asked            int
	}{
		"a moment behind":           {behind: 120 * time.Millisecond, want: StatusOK, asked: 3},
		"not behind":                {want: StatusOK, asked: 1},
		"far behind":                {behind: time.Minute, want: "unknown", asked: 4},
		"far behind, as known":      {behind: time.Minute, lag: 5 * time.Second, want: StatusUnavailable, asked: 4},
		"older than the lag":        {behind: time.Minute, lag: 5 * time.Second, age: 7 * time.Second, want: "unknown", asked: 4},
		"older than a moment":       {behind: time.Minute, age: 12 * time.Second, want: "unknown", asked: 1},
		"older, with a great lag":   {behind: time.Minute, lag: time.Minute, age: 20 * time.Second, want: StatusUnavailable, asked: 1},
		"a clock ahead":             {behind: 120 * time.Millisecond, age: -5 * time.Second, want: StatusOK, asked: 3},
		"a clock far ahead":         {behind: time.Minute, lag: time.Minute, age: -time.Hour, want: "unknown", asked: 1},
		"a token of the first form": {behind: 120 * time.Millisecond, lag: time.Minute, old: true, want: "unknown", asked: 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				now := time.Now()
				r := &replica{knows: now.Add(c.behind)}
				l := format.Lookup{Made: now.Add(-c.age).Unix()}
				if c.old {
					l.Made = 0
				}
				_, err := newborn{lag: c.lag, patience: time.Second}.find(t.Context(), r, l, now)
				if StatusOf(err) != c.want || r.asked != c.asked {
					t.Error(StatusOf(err), "after", r.asked, "questions:", err)
				}
				if c.want == StatusUnavailable && !errors.Is(err, store.ErrUnavailable) {
					t.Error(err)
				}
			})
		})
	}
}

// A lookup takes no longer than it may.
func TestF1_WaitingForARowEndsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		r := &replica{knows: now.Add(time.Hour)}
		_, err := newborn{patience: 160 * time.Millisecond}.find(t.Context(), r, format.Lookup{Made: now.Unix()}, now)
		if took := time.Since(now); took > 160*time.Millisecond || r.asked != 3 || StatusOf(err) != "unknown" {
			t.Error("after", took, r.asked, err)
		}
	})
}

// Who was unknown since the row was not here yet is not taken for unknown for long;
// what has ended on this node is, and what is old.
func TestANewSessionIsNotForgottenForLong(t *testing.T) {
	now := time.Now()
	r := &replica{knows: now.Add(newbornMemory)}
	c := newCache(r, cacheTimes{ttl: time.Hour, idle: time.Hour, lookup: time.Second}, true)
	young, old := format.Lookup{Key: store.Key{1}, Made: now.Unix()}, format.Lookup{Key: store.Key{2}, Made: now.Add(-time.Hour).Unix()}
	for _, l := range []format.Lookup{young, old} {
		if _, err := c.Find(t.Context(), l, now); StatusOf(err) != "unknown" {
			t.Error(err)
		}
	}
	<-time.After(3 * newbornMemory)
	if _, err := c.Find(t.Context(), young, time.Now()); err != nil {
		t.Error("the session is here, and the answer is", err)
	}
	if _, err := c.Find(t.Context(), old, time.Now()); StatusOf(err) != "unknown" {
		t.Error("an old one was asked for again:", err)
	}
}
