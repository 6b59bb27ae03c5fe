package store

import (
	"context"
	"testing"
	"time"
)

// A round in the background looks at a part of the table only. The next one
// goes on from there, and from the start again after the last row. Realms that
// nobody has told the store about are not its business.
func TestWalkGoesOn(t *testing.T) {
	const rows = 2500 // two chunks and a half; every other row is of each realm
	s := startedSQLite(t, Settings{})
	now := time.Now()
	err := s.inTx(t.Context(), "filling", func(ctx context.Context, r runner) error {
		for i := range rows {
			n := NewSession{Identity: Identity{User: "alice"}}
			row, err := n.row(Key{byte(i >> 8), byte(i), 1}, []string{"mine", "unknown"}[i%2], now.Add(-2*time.Hour), 24*time.Hour)
			if err == nil {
				_, err = r.exec(ctx, s.own(insertSession), row.values()...)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.idle.tell("mine", time.Hour)
	w := walk{limits: s.idleLimits(now, s.idle.realms()...)}
	for round, c := range []struct {
		purged int64
		atEnd  bool
	}{{500, false}, {500, false}, {250, true}, {0, false}} {
		w.chunks = 1
		n, err := s.purgeIdle(t.Context(), &w)
		if n != c.purged || err != nil || (w.after == 0) != c.atEnd {
			t.Errorf("round %d purged %d and stopped at %x: %v", round, n, w.after, err)
		}
	}
	if n, err := s.Sessions("unknown", time.Hour, 24*time.Hour).Count(t.Context(), "", now.Add(-2*time.Hour)); n != rows/2 || err != nil {
		t.Error("the other realm has", n, err)
	}
}
