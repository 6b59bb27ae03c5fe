package store_test

import (
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

func testTouch(t *testing.T, f *fixture) {
	_, s := create(t, f.x, "alice", f.now)
	later := f.now.Add(10 * time.Minute)
	for range 1000 {
		f.x.Touch(s.Key, later)
	}
	storetest.Eventually(t, "the activity is written", func() bool {
		return shown(t, f.x, s).Seen.Equal(later)
	})
}

func testTouchIsSeen(t *testing.T, f *fixture) {
	_, s := create(t, f.x, "alice", f.now)
	_, other := create(t, f.x, "bob", f.now)
	later := f.now.Add(10 * time.Minute)
	f.x.Touch(s.Key, later)
	if got := find(t, f.x, s.Key); !got.Seen.Equal(later) {
		t.Error("the session was seen at", got.Seen)
	}
	if got := find(t, f.x, other.Key); !got.Seen.Equal(f.now) {
		t.Error("another one was seen at", got.Seen)
	}
	if _, err := f.x.Revoke(t.Context(), s.Key); err != nil {
		t.Fatal(err)
	}
	if find(t, f.x, s.Key) != nil {
		t.Error("a note has brought a session back")
	}
}

func testTouchClose(t *testing.T, f *fixture) {
	_, s := create(t, f.x, "alice", f.now)
	f.x.Touch(s.Key, f.now.Add(10*time.Minute))
	f = f.reopened(t)
	if got := find(t, f.x, s.Key); !got.Seen.Equal(f.now.Add(10 * time.Minute)) {
		t.Error("the session was seen at", got.Seen)
	}
}

// Each reopening is another node, which knows nothing of what was noted before.
func testTouchInterval(t *testing.T, f *fixture) {
	_, s := create(t, f.x, "alice", f.now)
	interval := f.x.Interval()
	seen := f.now
	for _, c := range []struct {
		after time.Duration
		want  bool
	}{
		{interval - time.Millisecond, false},
		{interval, true},
		{interval + time.Second, false},
		{2*interval - time.Millisecond, false},
		{2 * interval, true},
	} {
		f.x.Touch(s.Key, f.now.Add(c.after))
		if c.want {
			seen = f.now.Add(c.after)
		}
		f = f.reopened(t)
		if got := find(t, f.x, s.Key); !got.Seen.Equal(seen) {
			t.Errorf("after %v the session was seen at %v, want %v", c.after, got.Seen, seen)
		}
	}
}

// More than one batch, and a number that nothing divides.
func testTouchMany(t *testing.T, f *fixture) {
	keys := fill(t, f.Store, f.url, 2311, f.now.Add(lifetime))
	for i, key := range keys[1:] {
		f.x.Touch(key, f.now.Add(10*time.Minute+time.Duration(i)*time.Millisecond))
	}
	f = f.reopened(t)
	list, err := f.x.List(t.Context(), "", 0, f.now)
	if err != nil || len(list) != len(keys) {
		t.Fatal(len(list), err)
	}
	seen := make(map[store.Key]time.Time)
	for _, s := range list {
		seen[s.Key] = s.Seen
	}
	if !seen[keys[0]].Equal(f.now) {
		t.Error("a session that nobody used was seen at", seen[keys[0]])
	}
	for i, key := range keys[1:] {
		if want := f.now.Add(10*time.Minute + time.Duration(i)*time.Millisecond); !seen[key].Equal(want) {
			t.Fatalf("the session %d was seen at %v, want %v", i, seen[key], want)
		}
	}
}

// reopened writes what is pending and returns the database opened anew.
func (f *fixture) reopened(t *testing.T) *fixture {
	t.Helper()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	again := newFixture(t, f.url)
	again.now = f.now
	return again
}

func testNoResurrection(t *testing.T, f *fixture) {
	_, revoked := create(t, f.x, "alice", f.now)
	_, expired := create(t, f.x, "alice", f.now.Add(-lifetime))
	f.x.Touch(revoked.Key, f.now.Add(10*time.Minute))
	f.x.Touch(expired.Key, f.now.Add(10*time.Minute))
	if _, err := f.x.Revoke(t.Context(), revoked.Key); err != nil {
		t.Fatal(err)
	}
	f = f.reopened(t)
	if find(t, f.x, revoked.Key) != nil {
		t.Error("a session that was ended is back")
	}
	if s := find(t, f.x, expired.Key); s.Seen.After(f.now) {
		t.Error("a session that has expired was seen at", s.Seen)
	}
}

func testTouchBackwards(t *testing.T, f *fixture) {
	_, s := create(t, f.x, "alice", f.now)
	f.x.Touch(s.Key, f.now.Add(-time.Minute))
	f = f.reopened(t)
	if got := find(t, f.x, s.Key); !got.Seen.Equal(f.now) {
		t.Error("the session was seen at", got.Seen)
	}
}
