package store_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed-11312c3d/caddy-session/store"
)

func testRealms(t *testing.T, f *fixture) {
	token, s := create(t, f.x, "alice", f.now)
	other := f.Sessions("other", idle, lifetime)
	if _, ok := f.Keys().Verify("other", "", token); ok {
		t.Error("a token is valid in another realm")
	}
	if ended, err := other.Revoke(t.Context(), s.Key); ended || err != nil {
		t.Error("Revoke:", ended, err)
	}
	if n, err := other.RevokeID(t.Context(), s.ID); n != 0 || err != nil {
		t.Error("RevokeID:", n, err)
	}
	if n, err := other.RevokeUser(t.Context(), "alice"); n != 0 || err != nil {
		t.Error("RevokeUser:", n, err)
	}
	if n, err := other.RevokeAll(t.Context()); n != 0 || err != nil {
		t.Error("RevokeAll:", n, err)
	}
	if _, _, err := other.Create(t.Context(), store.NewSession{Identity: store.Identity{User: "bob"}, Replaces: &s.Key}, f.now); err != nil {
		t.Error("Create:", err)
	}
	for _, user := range []string{"", "alice"} {
		list, err := other.List(t.Context(), user, 0, f.now)
		if err != nil || slices.ContainsFunc(list, func(s *store.Session) bool { return s.User == "alice" }) {
			t.Error("List:", list, err)
		}
	}
	if find(t, f.x, s.Key) == nil {
		t.Error("the session is gone")
	}
}

func testRevoke(t *testing.T, f *fixture) {
	_, s := create(t, f.x, "alice", f.now)
	_, other := create(t, f.x, "alice", f.now)
	for _, want := range []bool{true, false} {
		if ended, err := f.x.Revoke(t.Context(), s.Key); ended != want || err != nil {
			t.Error(ended, err)
		}
	}
	if find(t, f.x, s.Key) != nil || find(t, f.x, other.Key) == nil {
		t.Error("exactly the one session must be gone")
	}
}

func testRevokeID(t *testing.T, f *fixture) {
	_, s := create(t, f.x, "alice", f.now)
	_, other := create(t, f.x, "alice", f.now)
	for _, id := range []string{"", "x", strings.ToUpper(s.ID) + "0", s.ID[:30], s.ID + "00", "' OR 1=1 --"} {
		if _, err := f.x.RevokeID(t.Context(), id); err == nil {
			t.Errorf("%q was taken for an id", id)
		}
	}
	for _, want := range []int64{1, 0} {
		if n, err := f.x.RevokeID(t.Context(), s.ID); n != want || err != nil {
			t.Error(n, err)
		}
	}
	if find(t, f.x, s.Key) != nil || find(t, f.x, other.Key) == nil {
		t.Error("exactly the one session must be gone")
	}
}

func testRevokeUser(t *testing.T, f *fixture) {
	create(t, f.x, "alice", f.now)
	create(t, f.x, "alice", f.now)
	_, bob := create(t, f.x, "bob", f.now)
	if n, err := f.x.RevokeUser(t.Context(), "alice"); n != 2 || err != nil {
		t.Error(n, err)
	}
	if find(t, f.x, bob.Key) == nil {
		t.Error("somebody else's session is gone")
	}
}

func testRevokeAll(t *testing.T, f *fixture) {
	create(t, f.x, "alice", f.now)
	create(t, f.x, "bob", f.now)
	if n, err := f.x.RevokeAll(t.Context()); n != 2 || err != nil {
		t.Error(n, err)
	}
}
