package store_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
)

func testLiving(t *testing.T, f *fixture) {
	_, s := create(t, f.x, "alice", f.now)
	create(t, f.x, "alice", f.now.Add(-lifetime)) // expired this moment
	create(t, f.x, "alice", f.now.Add(-idle))     // idle for too long this moment
	for _, user := range []string{"", "alice"} {
		n, err := f.x.Count(t.Context(), user, f.now)
		if n != 1 || err != nil {
			t.Errorf("%q: counted %d: %v", user, n, err)
		}
		list, err := f.x.List(t.Context(), user, 10, f.now)
		if err != nil || len(list) != 1 || list[0].Key != s.Key {
			t.Errorf("%q: listed %v: %v", user, list, err)
		}
	}
}

func testListOrder(t *testing.T, f *fixture) {
	var want []store.Key
	for i := range 5 {
		_, s := create(t, f.x, "alice", f.now.Add(time.Duration(i)*time.Second))
		want = append([]store.Key{s.Key}, want...)
	}
	for _, user := range []string{"", "alice"} {
		list, err := f.x.List(t.Context(), user, 3, f.now.Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		var got []store.Key
		for _, s := range list {
			got = append(got, s.Key)
		}
		if !slices.Equal(got, want[:3]) {
			t.Errorf("%q: listed %v", user, got)
		}
	}
}

func testMaxPerUser(t *testing.T, f *fixture) {
	x := f.x
	login := func(user string, now time.Time) *store.Session {
		t.Helper()
		_, s, err := x.Create(t.Context(), store.NewSession{Identity: store.Identity{User: user}, MaxPerUser: 2}, now)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	_, other := create(t, x, "bob", f.now.Add(-time.Minute))
	_, elsewhere := create(t, f.Sessions("other", idle, lifetime), "alice", f.now.Add(-time.Minute))
	var mine []store.Key
	for range 4 { // in one moment: the one that has just been started must stay
		s := login("alice", f.now)
		mine = append(mine, s.Key)
		if find(t, x, s.Key) == nil {
			t.Error("a session ended as it was started")
		}
	}
	last := login("alice", f.now.Add(-time.Second)) // on a node whose clock is late
	if n, err := x.Count(t.Context(), "alice", f.now); n != 2 || err != nil {
		t.Error(n, "sessions:", err)
	}
	for _, key := range []store.Key{last.Key, other.Key, elsewhere.Key} {
		if find(t, x, key) == nil {
			t.Error("a session too many is gone")
		}
	}
	if find(t, x, mine[0]) != nil && find(t, x, mine[1]) != nil && find(t, x, mine[2]) != nil {
		t.Error("the oldest are still there")
	}
}

func testShow(t *testing.T, f *fixture) {
	_, s := create(t, f.x, "alice", f.now)
	_, ended := create(t, f.x, "alice", f.now.Add(-lifetime))
	if got, err := f.x.Show(t.Context(), s.ID, f.now); err != nil || !reflect.DeepEqual(got, s) {
		t.Error(got, err)
	}
	if got, err := f.x.Show(t.Context(), ended.ID, f.now); got != nil || err != nil {
		t.Error(got, err)
	}
	if got, err := f.Sessions("other", idle, lifetime).Show(t.Context(), s.ID, f.now); got != nil || err != nil {
		t.Error(got, err)
	}
	if _, err := f.x.Show(t.Context(), "x", f.now); err == nil {
		t.Error("taken for an id")
	}
}
