package lookup

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// Nodes that ask a hot standby, which lags for real, while logins happen at the primary:
// whose row is not there yet is told that nobody knows where the lag is known, and
// otherwise is nobody for a moment only, whatever cache_ttl is (F2).
func TestF2_AStandbyThatLags(t *testing.T) {
	pair := storetest.StartPair(t)
	primary := realmOn(t, pair.URL(), new(storetest.Log))
	before := loginOn(t, primary, "alice", time.Now())
	pair.Follows()
	patient, hasty := readerOf(t, pair.Standby, time.Minute), readerOf(t, pair.Standby, 0)
	for _, reader := range []*Realm{patient, hasty} {
		if s, err := reader.Find(t.Context(), before, time.Now()); err != nil || s.User != "alice" {
			t.Fatal("a standby answers:", s, err)
		}
	}
	goOn := pair.Lag()
	fresh := loginOn(t, primary, "bob", time.Now())
	old := format.Lookup{Key: store.Key{1}, Made: time.Now().Add(-time.Hour).Unix()}
	for range 3 {
		if _, err := patient.Find(t.Context(), fresh, time.Now()); !errors.Is(err, store.ErrUnavailable) || StatusOf(err) != StatusUnavailable {
			t.Error("within the lag:", err)
		}
		if _, err := patient.Find(t.Context(), old, time.Now()); StatusOf(err) != "unknown" {
			t.Error("an old one within the lag:", err)
		}
	}
	began := time.Now()
	if _, err := hasty.Find(t.Context(), fresh, began); StatusOf(err) != "unknown" || time.Since(began) < 350*time.Millisecond {
		t.Error("without a lag:", err, "after", time.Since(began))
	}
	goOn()
	pair.Follows()
	// Nothing is remembered of an answer that was none.
	if s, err := patient.Find(t.Context(), fresh, time.Now()); err != nil || s.User != "bob" {
		t.Error("the row is there:", s, err)
	}
	there := time.Now()
	storetest.Eventually(t, "the session is found where it was unknown", func() bool {
		_, err := hasty.Find(t.Context(), fresh, time.Now())
		return err == nil
	})
	t.Log("found after", time.Since(there))
}

// A row that arrives while it is asked for again is found by the same lookup.
func TestF2_AStandbyThatLagsForAMoment(t *testing.T) {
	pair := storetest.StartPair(t)
	primary := realmOn(t, pair.URL(), new(storetest.Log))
	pair.Follows()
	reader := readerOf(t, pair.Standby, 0)
	goOn := pair.Lag()
	fresh := loginOn(t, primary, "bob", time.Now())
	arrives := make(chan struct{})
	time.AfterFunc(60*time.Millisecond, func() { goOn(); close(arrives) })
	if s, err := reader.Find(t.Context(), fresh, time.Now()); err != nil || s.User != "bob" {
		t.Error(s, err)
	}
	<-arrives
}

// What a realm can do whose database is a standby: all that asks, and nothing that
// writes, which is put off or says that it is unavailable. Lookups go on meanwhile (F2).
func TestF2_ARealmOnAStandby(t *testing.T) {
	pair := storetest.StartPair(t)
	primary := realmOn(t, pair.URL(), new(storetest.Log))
	alice, carol := loginOn(t, primary, "alice", time.Now()), loginOn(t, primary, "carol", time.Now())
	pair.Follows()
	reader := readerOf(t, pair.Standby, 0)
	if _, err := reader.Find(t.Context(), alice, time.Now()); err != nil {
		t.Fatal(err)
	}
	for what, ask := range map[string]func() error{
		"show":  func() error { _, err := reader.Show(t.Context(), alice.Key.ID(), time.Now()); return err },
		"list":  func() error { _, err := reader.List(t.Context(), "alice", 10, time.Now()); return err },
		"count": func() error { _, err := reader.Count(t.Context(), "alice", time.Now()); return err },
	} {
		if err := ask(); err != nil {
			t.Error(what, err)
		}
	}
	for what, write := range map[string]func() error{
		"login": func() error {
			_, _, err := reader.Create(t.Context(), store.NewSession{Identity: store.Identity{User: "bob"}}, time.Now())
			return err
		},
		"logout":       func() error { return reader.End(t.Context(), alice) },
		"logout by id": func() error { _, err := reader.EndID(t.Context(), alice.Key.ID()); return err },
		"purge":        func() error { _, err := reader.Purge(t.Context(), time.Now()); return err },
	} {
		if err := write(); !errors.Is(err, store.ErrUnavailable) {
			t.Error(what, err)
		}
		reader.cache.live.InvalidateAll()
		if _, err := reader.Find(t.Context(), carol, time.Now()); err != nil {
			t.Error("a lookup after the", what, err)
		}
	}
}

// readerOf is a realm at one server, which need not take changes, that remembers for
// an hour.
func readerOf(t *testing.T, server *storetest.Server, lag time.Duration) *Realm {
	t.Helper()
	return aloneRealm(t, Settings{
		Realm: "test", Store: store.Settings{URL: server.URL(), LookupTimeout: time.Second}, Idle: time.Hour, Lifetime: 24 * time.Hour,
		Lag: lag, CacheTTL: time.Hour,
	}, slog.DiscardHandler)
}
