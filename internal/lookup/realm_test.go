package lookup

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

func TestRealm_WhatItsSettingsMake(t *testing.T) {
	signed := format.Options{Name: "express", Table: "t", Secret: []string{strings.Repeat("s", 32)}}
	unsigned := format.Options{Name: "custom", Cookie: "sid", Table: "t", Columns: map[string]string{"key": "k", "user_id": "u", "expires_at": "e"}}
	for _, c := range []struct {
		name                       string
		options                    *format.Options
		ttl, recheck               time.Duration
		maxUnknown                 int
		caches, rechecks, bounds   bool
		remembersDead, keepsCopies bool
		stale                      time.Duration
	}{
		{name: "its own", ttl: time.Minute, recheck: time.Hour, maxUnknown: 1, caches: true, rechecks: true, remembersDead: true},
		{name: "never asked again", ttl: time.Minute, caches: true, remembersDead: true},
		{name: "no memory", recheck: time.Hour, maxUnknown: 1},
		{name: "stale copies", ttl: time.Minute, stale: time.Hour, caches: true, remembersDead: true, keepsCopies: true},
		{name: "signed", options: &signed, ttl: time.Minute, maxUnknown: 1, caches: true},
		{name: "unsigned", options: &unsigned, ttl: time.Minute, maxUnknown: 1, caches: true, bounds: true},
		{name: "unsigned, without a bound", options: &unsigned, ttl: time.Minute, caches: true},
		{name: "unsigned, without memory", options: &unsigned, maxUnknown: 1, bounds: true},
	} {
		settings := Settings{
			Realm: "test", Store: store.Settings{URL: storetest.SQLite(t), LookupTimeout: time.Second}, Idle: time.Hour, Lifetime: time.Hour,
			CacheTTL: c.ttl, Recheck: c.recheck, MaxUnknown: c.maxUnknown, StaleIfError: c.stale,
		}
		if c.options != nil {
			settings.Format, settings.Store.Access = c.name, store.ForeignRead
		}
		r, err := New(settings, c.options, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(c.name, err)
		}
		if (r.cache != nil) != c.caches || r.BoundsClients() != c.bounds || (r.finder == finder(r.cache)) != c.caches {
			t.Errorf("%s: caches %v, bounds %v", c.name, r.cache != nil, r.BoundsClients())
		}
		if r.cache != nil && ((r.cache.again != nil) != c.rechecks || r.cache.negative != c.remembersDead || (r.cache.stale != nil) != c.keepsCopies) {
			t.Errorf("%s: asks again %v, remembers the dead %v, keeps copies %v", c.name, r.cache.again != nil, r.cache.negative, r.cache.stale != nil)
		}
		if r.cache != nil && r.cache.times != (cacheTimes{ttl: c.ttl, stale: c.stale, idle: time.Hour, lookup: time.Second}) {
			t.Errorf("%s: %+v", c.name, r.cache.times)
		}
		if !strings.Contains(r.Place(), "session.db") {
			t.Errorf("it is at %s", r.Place())
		}
		if err := r.CloseNow(); err != nil {
			t.Error(err)
		}
	}
}

// A reload that changes nothing keeps the realm, and what it remembers; the last one
// to give it back ends what goes on in the background.
func TestF5_ARealmIsSharedUntilTheLastGivesItBack(t *testing.T) {
	settings := Settings{
		Realm: "shared", Store: store.Settings{URL: storetest.SQLite(t), LookupTimeout: time.Second},
		Idle: time.Hour, Lifetime: time.Hour, CacheTTL: time.Hour, Recheck: time.Hour,
	}
	open := func() *Realm {
		r, err := Open(settings, nil, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	first, second := open(), open()
	if first != second {
		t.Fatal("the same settings are another realm")
	}
	isClosed := func(c chan struct{}) bool {
		select {
		case <-c:
			return true
		default:
			return false
		}
	}
	for i, ended := range []bool{false, true} {
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		if isClosed(first.table.closed) != ended || isClosed(first.again.closed) != ended {
			t.Errorf("given back %d times: ended %v %v", i+1, isClosed(first.table.closed), isClosed(first.again.closed))
		}
	}
	if _, ok := databases.References(settings.Store); ok {
		t.Error("the database is still in the pool")
	}
	third := open()
	if third == first {
		t.Error("an ended realm is handed out")
	}
	if err := third.Close(); err != nil {
		t.Error(err)
	}
	alone, err := New(settings, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	alone.db.holds.Store(-10)
	if err := alone.Hold(); !errors.Is(err, errClosed) {
		t.Errorf("a realm whose database has ended can be held: %v", err)
	}
	alone.db.holds.Store(0)
	if err := alone.CloseNow(); err != nil || !isClosed(alone.table.closed) || !isClosed(alone.again.closed) {
		t.Errorf("closed now: %v", err)
	}
}

// A login or logout is finished though the client hangs up, and no later than a
// lookup may take.
func TestF7_AWriteOutlivesItsClientForALookupsTime(t *testing.T) {
	r := &Realm{settings: Settings{Store: store.Settings{LookupTimeout: time.Minute}}}
	synctest.Test(t, func(t *testing.T) {
		client, hangUp := context.WithCancel(t.Context())
		began := time.Now()
		ctx, cancel := r.WriteContext(client)
		defer cancel()
		hangUp()
		if ctx.Err() != nil {
			t.Error("it ends with the client")
		}
		if <-ctx.Done(); time.Since(began) != time.Minute {
			t.Errorf("it ends after %v", time.Since(began))
		}
	})
}

// A cookie that comes before the keys are there waits for the start.
func TestF2_ALookupWaitsForTheStart(t *testing.T) {
	own := ownRealm(t, nil)
	token, _, err := own.Create(t.Context(), store.NewSession{Identity: store.Identity{User: "alice"}}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	settings := own.settings
	settings.Store.LookupTimeout = time.Minute
	early, err := New(settings, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = early.CloseNow() })
	failed := make(chan error, 1)
	go func() {
		_, err := early.Lookup(token, time.Now())
		failed <- err
	}()
	if err := early.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; err != nil {
		t.Error(err)
	}
	if early.Hold() != nil {
		t.Error("it cannot be held")
	}
	if n := early.db.holds.Load(); n != 1 {
		t.Errorf("%d holds", n)
	}
	if early.Release(); early.db.holds.Load() != 0 {
		t.Errorf("%d holds are left", early.db.holds.Load())
	}
	// One that never comes is not waited for for ever.
	never := ownRealmNotStarted(t)
	if _, err := never.Lookup(token, time.Now()); !errors.Is(err, store.ErrUnavailable) {
		t.Error(err)
	}
}

// Who is in memory is not asked for on behalf of a client.
func TestD9_MemoryIsAskedFirst(t *testing.T) {
	realm, c := unsigned(t, 2)
	now := time.Now()
	if err := ask(t, realm, "192.0.2.1", "s0", now); err != nil {
		t.Fatal(err)
	}
	flood(t, realm, "192.0.2.1", 200, now)
	l, err := realm.Lookup("s0", now)
	if err != nil {
		t.Fatal(err)
	}
	for _, forget := range []func(){func() {}, realm.cache.live.InvalidateAll} { // from memory, and from the database
		forget()
		if s, err := realm.FindFor(t.Context(), "192.0.2.1", l, now); err != nil || s.User != "alice" {
			t.Errorf("%v %v", s, err)
		}
	}
	realm.unknowns.known.InvalidateAll()
	asked := c.asked.Load()
	if err := ask(t, realm, "192.0.2.1", "s0", now); err != nil || c.asked.Load() != asked {
		t.Errorf("%v after %d queries", err, c.asked.Load()-asked)
	}
	if err := ask(t, realm, "192.0.2.1", "s1", now); !errors.Is(err, ErrFlood) {
		t.Errorf("nobody knows of this one: %v", err)
	}
	realm.cache = nil // a realm without one
	if s, err := realm.FindFor(t.Context(), "192.0.2.9", l, now); err != nil || s.User != "alice" {
		t.Errorf("%v %v", s, err)
	}
	realm.unknowns.known.InvalidateAll()
	if err := ask(t, realm, "192.0.2.1", "s0", now); !errors.Is(err, ErrFlood) {
		t.Errorf("without memory: %v", err)
	}
}
