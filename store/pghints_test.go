//go:build !nopostgres

package store

import (
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// node is one of several that share a database.
func node(t *testing.T, s Settings) (*Store, *Sessions) {
	t.Helper()
	store, err := New(s, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	if err := store.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return store, store.Sessions("main", time.Hour, time.Hour)
}

func loggedIn(t *testing.T, x *Sessions, n NewSession) *Session {
	t.Helper()
	n.Identity = Identity{User: "alice"}
	_, s, err := x.Create(t.Context(), n, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func hears(s *Store) func() bool {
	return func() bool { _, ok := s.DataVersion(); return ok }
}

// Another node hears of each way in which sessions end, from none of the things that
// end none, and a node hears nothing of itself.
func TestS2_AnotherNodeHearsOfAnEnding(t *testing.T) {
	url := storetest.Postgres(t)
	here, x := node(t, Settings{URL: url, MaxConns: hintConns})
	there, y := node(t, Settings{URL: url})
	storetest.Eventually(t, "both hear", func() bool { return hears(here)() && hears(there)() })
	ours, _ := here.DataVersion()
	theirs, _ := there.DataVersion()
	for _, ending := range []struct {
		name string
		end  func() error
	}{
		{"by the cookie", func() error { _, err := x.Revoke(t.Context(), loggedIn(t, x, NewSession{}).Key); return err }},
		{"by the id", func() error { _, err := x.RevokeID(t.Context(), loggedIn(t, x, NewSession{}).ID); return err }},
		{"of a user", func() error { loggedIn(t, x, NewSession{}); _, err := x.RevokeUser(t.Context(), "alice"); return err }},
		{"of all", func() error { loggedIn(t, x, NewSession{}); _, err := x.RevokeAll(t.Context()); return err }},
		{"replaced", func() error {
			old := loggedIn(t, x, NewSession{}).Key
			loggedIn(t, x, NewSession{Replaces: &old})
			return nil
		}},
		{"one too many", func() error { loggedIn(t, x, NewSession{MaxPerUser: 1}); return nil }},
		{"an administrator's hint", func() error { _, err := storetest.Open(t, url).Exec("NOTIFY " + hintChannel); return err }},
	} {
		if err := ending.end(); err != nil {
			t.Fatal(ending.name, ": ", err)
		}
		storetest.Eventually(t, "the other node hears of an ending "+ending.name, func() bool {
			before := theirs
			theirs, _ = there.DataVersion()
			return theirs > before
		})
	}
	// The last one told is the first to be told next.
	if n, err := x.RevokeUser(t.Context(), "nobody"); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	for _, session := range []*Session{loggedIn(t, y, NewSession{}), loggedIn(t, x, NewSession{})} {
		if ok, err := y.Revoke(t.Context(), session.Key); !ok || err != nil {
			t.Fatal(ok, err)
		}
	}
	storetest.Eventually(t, "the first node hears of the other's", func() bool { now, _ := here.DataVersion(); return now > ours+1 })
	if now, _ := there.DataVersion(); now != theirs {
		t.Errorf("%d hints instead of %d: a node has heard itself, or of nothing", now, theirs)
	}
}

// A listening connection that is cut is made anew.
func TestS2_AHintIsHeardAgainAfterACut(t *testing.T) {
	url := storetest.Postgres(t)
	s, _ := node(t, Settings{URL: url})
	storetest.Eventually(t, "the node hears", hears(s))
	db := storetest.Open(t, url)
	if _, err := db.Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"); err != nil {
		t.Fatal(err)
	}
	storetest.Eventually(t, "the node knows that it does not hear", func() bool { return !hears(s)() })
	storetest.Eventually(t, "the node hears again", hears(s))
}

// A pooler answers well to LISTEN, and delivers nothing: the node finds out, also
// where it takes the pooler for the server.
func TestS2_NobodyBelievesToHearThroughAPooler(t *testing.T) {
	url := storetest.PgBouncer(t, storetest.Postgres(t))
	s, x := node(t, Settings{URL: url})
	h := s.live.Load().pool.(*pgPool).hints
	h.asked.Store(time.Now().UnixMilli())
	if c, err := h.open(); err != errPooler {
		t.Errorf("%v %v", c, err)
	}
	c, err := h.pool.conns.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(t.Context(), "LISTEN "+hintChannel, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal("the pooler does not answer well: ", err)
	}
	h.attend(c)
	if h.works.Load() {
		t.Error("it believes to hear")
	}
	// What it tells is heard by those who are not behind a pooler.
	if ok, err := x.Revoke(t.Context(), loggedIn(t, x, NewSession{}).Key); !ok || err != nil {
		t.Fatal(ok, err)
	}
}

// A node with few connections keeps them for lookups; a standby takes no LISTEN; where
// nobody asks any more, nobody listens.
func TestS2_WhoDoesNotListen(t *testing.T) {
	few, _ := node(t, Settings{URL: storetest.Postgres(t), MaxConns: hintConns - 1})
	if hears(few)() || few.live.Load().pool.(*pgPool).hints.listening {
		t.Error("a node with few connections listens")
	}
	before := rests
	t.Cleanup(func() { rests = before })
	rests.after = 2 * time.Second
	url := storetest.Postgres(t)
	s, _ := node(t, Settings{URL: url})
	storetest.Eventually(t, "the node hears", hears(s))
	db := storetest.Open(t, url)
	storetest.Eventually(t, "nobody listens", func() bool {
		var n int
		if err := db.QueryRow("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n == 0
	})
	storetest.Eventually(t, "the node hears again", hears(s))
}

// A server that lacks the function is asked for it once.
func TestS2_AServerWithoutHintsIsNotAskedAgain(t *testing.T) {
	url := storetest.Postgres(t)
	s, x := node(t, Settings{URL: url})
	h := s.live.Load().pool.(*pgPool).hints
	if _, err := storetest.Open(t, url).Exec("ALTER FUNCTION pg_catalog.pg_notify(text, text) RENAME TO gone"); err != nil {
		t.Fatal(err)
	}
	if ok, err := x.Revoke(t.Context(), loggedIn(t, x, NewSession{}).Key); !ok || err != nil {
		t.Fatal(ok, err)
	}
	storetest.Eventually(t, "it is known", h.mute.Load)
}
