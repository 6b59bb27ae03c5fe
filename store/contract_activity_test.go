package store_test

import (
	"testing"
	"time"
)

func testTouch(t *testing.T, f *fixture) {
	_, s := create(t, f.x, "alice", f.now)
	later := f.now.Add(10 * time.Minute)
	for range 1000 {
		f.x.Touch(s.Key, later)
	}
	eventually(t, "the activity is written", func() bool {
		return find(t, f.x, s.Key).Seen.Equal(later)
	})
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
	f.x.Touch(revoked.Key, f.now.Add(time.Minute))
	f.x.Touch(expired.Key, f.now.Add(time.Minute))
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
