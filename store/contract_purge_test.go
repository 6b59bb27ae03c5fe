package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

const table = "caddy_session_sessions"

// longIdle is so long that nobody's late note or wrong clock matters any more.
const longIdle = 2 * idle

func testPurgeBatches(t *testing.T, f *fixture) {
	const dead = 20_001 // some batches and one
	fill(t, f.Store, f.url, dead, f.now.Add(-time.Hour))
	_, alive := create(t, f.x, "alice", f.now)
	if n, err := f.Purge(t.Context(), f.now); n != dead || err != nil {
		t.Error(n, err)
	}
	if find(t, f.x, alive.Key) == nil {
		t.Error("a living session is gone")
	}
}

func testPurgeSameMoment(t *testing.T, f *fixture) {
	const dead = 3000
	fill(t, f.Store, f.url, dead, f.now)
	moment := f.now.Add(-time.Hour).UnixMilli()
	mustExec(t, storetest.Open(t, f.url), dollars(f.Store, "UPDATE "+table+" SET expires = ?"), moment)
	_, alive := create(t, f.x, "alice", f.now)
	if n, err := f.Purge(t.Context(), f.now); n != dead || err != nil {
		t.Error(n, err)
	}
	if find(t, f.x, alive.Key) == nil {
		t.Error("a living session is gone")
	}
}

func testPurgeIdle(t *testing.T, f *fixture) {
	other := f.Sessions("other", idle, lifetime)
	_, alive := create(t, f.x, "alice", f.now)
	_, lately := create(t, f.x, "alice", f.now.Add(-idle-f.x.Interval())) // another node may know better
	_, idler := create(t, f.x, "alice", f.now.Add(-longIdle))
	_, dead := create(t, f.x, "alice", f.now.Add(-lifetime))
	_, stranger := create(t, other, "alice", f.now.Add(-longIdle))
	for _, want := range []int64{2, 0} {
		if n, err := f.x.Purge(t.Context(), f.now); n != want || err != nil {
			t.Error(n, err)
		}
	}
	if find(t, f.x, alive.Key) == nil || find(t, f.x, lately.Key) == nil || find(t, other, stranger.Key) == nil {
		t.Error("a session is gone that is not idle, or of another realm")
	}
	if find(t, f.x, idler.Key) != nil || find(t, f.x, dead.Key) != nil {
		t.Error("what is idle or has expired is still there")
	}
}

func testPurgeIdleChunks(t *testing.T, f *fixture) {
	for _, n := range []int{999, 1000, 1001, 3000} {
		fill(t, f.Store, f.url, n, f.now.Add(lifetime-longIdle))
		if purged, err := f.x.Purge(t.Context(), f.now); purged != int64(n) || err != nil {
			t.Error(n, purged, err)
		}
	}
}

func testPurgeLongestIdle(t *testing.T, f *fixture) {
	_, s := create(t, f.x, "alice", f.now.Add(-longIdle))
	patient := f.Sessions("main", 2*longIdle, lifetime)
	f.Sessions("main", idle/2, lifetime)
	if n, err := f.x.Purge(t.Context(), f.now); n != 0 || err != nil {
		t.Error(n, err)
	}
	if find(t, patient, s.Key) == nil {
		t.Error("a session is gone that lives by another configuration")
	}
}

func testPurgePending(t *testing.T, f *fixture) {
	_, s := create(t, f.x, "alice", f.now.Add(-longIdle))
	f.x.Touch(s.Key, f.now)
	if n, err := f.x.Purge(t.Context(), f.now); n != 0 || err != nil {
		t.Error(n, err)
	}
	if got := find(t, f.x, s.Key); got == nil || !got.Seen.Equal(f.now) {
		t.Error("the session was not kept:", got)
	}
}

// What slides is in no index: a write of activity would have to change it, too.
func TestActivityIsInNoIndex(t *testing.T) {
	count := map[string]string{
		"sqlite":   "SELECT COUNT(*) FROM sqlite_master AS m, pragma_index_info(m.name) AS i WHERE m.type = 'index' AND i.name = ?",
		"postgres": "SELECT COUNT(*) FROM pg_indexes WHERE schemaname = current_schema() AND strpos(indexdef, ?) > 0",
		"mysql":    "SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND column_name = ?",
	}
	for _, d := range storetest.Kinds {
		t.Run(d.Name, func(t *testing.T) {
			url := d.Fresh(t)
			s := started(t, url)
			db := storetest.Open(t, url)
			for column, want := range map[string]bool{"expires": true, "seen": false} {
				var n int
				if err := db.QueryRow(dollars(s, count[d.Name]), column).Scan(&n); err != nil || n > 0 != want {
					t.Error(column, "is in", n, "indexes:", err)
				}
			}
		})
	}
}

// PostgreSQL writes activity beside the old row and touches no index: the free
// tenth of each page is for that.
func TestActivityIsHOT(t *testing.T) {
	const rows, apart = 4000, 20
	url := storetest.Postgres(t)
	s := started(t, url)
	x := s.Sessions("main", idle, lifetime)
	now := time.Now()
	keys := fill(t, s, url, rows, now.Add(lifetime))
	for i := 0; i < rows; i += apart {
		x.Touch(keys[i], now.Add(10*time.Minute))
	}
	if err := s.Close(); err != nil { // which writes them
		t.Fatal(err)
	}
	db := storetest.Open(t, url)
	var updates, hot int
	storetest.Eventually(t, "the server has counted the updates", func() bool {
		row := db.QueryRowContext(context.WithoutCancel(t.Context()), "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = '"+table+"'")
		if err := row.Scan(&updates, &hot); err != nil {
			t.Fatal(err)
		}
		return updates == rows/apart
	})
	if hot != updates {
		t.Errorf("%d of %d updates were HOT", hot, updates)
	}
}
