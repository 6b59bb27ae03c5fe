package lookup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// counting counts what the database is asked for.
type counting struct {
	finder
	asked atomic.Int64
	fails atomic.Bool
}

func (c *counting) Find(ctx context.Context, l format.Lookup, now time.Time) (*Session, error) {
	c.asked.Add(1)
	if c.fails.Load() {
		return nil, store.ErrUnavailable
	}
	return c.finder.Find(ctx, l, now)
}

// unsigned is a realm of another program, whose cookie anybody can make up, with
// some sessions that exist: s0, s1 and so on.
func unsigned(tb testing.TB, sessions int) (*Realm, *counting) {
	tb.Helper()
	url := storetest.SQLite(tb)
	db := storetest.Open(tb, url)
	execute := func(text string, args ...any) {
		if _, err := db.ExecContext(tb.Context(), text, args...); err != nil {
			tb.Fatal(err)
		}
	}
	execute("CREATE TABLE s (k TEXT PRIMARY KEY, u TEXT, e INTEGER)")
	for i := range sessions {
		execute("INSERT INTO s VALUES (?, 'alice', ?)", fmt.Sprint("s", i), time.Now().Add(time.Hour).Unix())
	}
	realm, err := Open(Settings{
		Realm: "test", Format: "unsigned", CacheTTL: time.Minute, MaxUnknown: 20,
		Store: store.Settings{URL: url, LookupTimeout: 10 * time.Second, Access: store.ForeignRead},
	}, &format.Options{
		Name: "custom", Cookie: "sid", Table: "s", ExpiresUnit: "unix",
		Columns: map[string]string{"key": "k", "user_id": "u", "expires_at": "e"},
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = realm.Close() })
	if err := realm.StartNow(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	c := &counting{finder: realm.cache.source}
	realm.cache.source = c
	return realm, c
}

// ask looks a cookie up on behalf of a client.
func ask(tb testing.TB, r *Realm, client, cookie string, now time.Time) error {
	tb.Helper()
	l, err := r.Lookup(cookie, now)
	if err != nil {
		tb.Fatal(err)
	}
	_, err = r.FindFor(tb.Context(), client, l, now)
	return err
}

// flood asks for n sessions that do not exist, and returns how many were looked up.
func flood(tb testing.TB, r *Realm, client string, n int, now time.Time) (looked int) {
	tb.Helper()
	for i := range n {
		switch err := ask(tb, r, client, fmt.Sprintf("x%d-%d-%s", now.UnixNano(), i, client[:1]), now); {
		case errors.Is(err, format.ErrUnknown):
			looked++
		case !errors.Is(err, ErrFlood) || StatusOf(err) != StatusUnavailable:
			tb.Fatal(err)
		}
	}
	return looked
}

func TestD9_AFloodOfUnknownSessionsIsBounded(t *testing.T) {
	realm, c := unsigned(t, 300)
	now := time.Now()
	// 1. Sessions that exist cost an address nothing, however many.
	for i := range 300 {
		if err := ask(t, realm, "192.0.2.1", fmt.Sprint("s", i), now); err != nil {
			t.Fatal(err)
		}
	}
	// 2. Others are looked up for as long as the burst lasts, and then as they are granted.
	asked := c.asked.Load()
	for _, c := range []struct {
		after time.Duration
		want  int
	}{{0, 100}, {0, 0}, {time.Second, 20}, {time.Second, 0}, {90 * time.Second, 100}} {
		if got := flood(t, realm, "192.0.2.1", 2000, now.Add(c.after)); got != c.want {
			t.Errorf("after %v %d were looked up, want %d", c.after, got, c.want)
		}
	}
	if n := c.asked.Load() - asked; n != 220 {
		t.Errorf("the database was asked %d times, want 220", n)
	}
	// 3. Who is known is served all the same: from memory, and from the database.
	later := now.Add(90 * time.Second)
	for _, cookie := range []string{"s1", "s2"} {
		if err := ask(t, realm, "192.0.2.1", cookie, later); err != nil {
			t.Error(err)
		}
	}
	realm.cache.live.InvalidateAll()
	asked = c.asked.Load()
	if err := ask(t, realm, "192.0.2.1", "s3", later); err != nil || c.asked.Load() == asked {
		t.Error(err)
	}
	// 4. So is everybody else; an IPv6 network is one address, however it is written.
	for _, c := range []struct {
		client string
		want   int
	}{
		{"192.0.2.2", 100},
		{"::ffff:192.0.2.2", 0},
		{"192.0.2.3", 100},
		{"2001:db8::1", 100},
		{"2001:db8::ffff:1", 0},
		{"2001:db8::8000:0:0:1", 0},
		{"2001:db8::1%eth0", 0},
		{"2001:db8:0:1::1", 100},
		{"@", 500}, // a Unix socket: nobody knows who asks
	} {
		if got := flood(t, realm, c.client, 500, later); got != c.want {
			t.Errorf("%s: %d were looked up, want %d", c.client, got, c.want)
		}
	}
}

// Many at once are no more than as many one after another.
func TestD9_AFloodAtOnceIsBounded(t *testing.T) {
	realm, c := unsigned(t, 0)
	now := time.Now()
	var clients sync.WaitGroup
	for n := range 50 {
		clients.Go(func() {
			for i := range 20 {
				l, _ := realm.Lookup(fmt.Sprintf("x%d-%d", n, i), now)
				_, _ = realm.FindFor(t.Context(), "192.0.2.1", l, now)
			}
		})
	}
	clients.Wait()
	if n := c.asked.Load(); n != 100 {
		t.Errorf("the database was asked %d times, want 100", n)
	}
}

// What nobody could answer costs nothing, and neither does a session that has ended
// by itself: only who makes ids up is bounded.
func TestD9_OnlyUnknownSessionsCost(t *testing.T) {
	realm, c := unsigned(t, 1)
	now := time.Now()
	c.fails.Store(true)
	for i := range 500 {
		if err := ask(t, realm, "192.0.2.1", fmt.Sprint("x", i), now); errors.Is(err, ErrFlood) {
			t.Fatal(err)
		}
	}
	c.fails.Store(false)
	for range 500 {
		if err := ask(t, realm, "192.0.2.1", "s0", now.Add(2*time.Hour)); !errors.Is(err, format.ErrExpired) {
			t.Fatal(err)
		}
	}
	if got := flood(t, realm, "192.0.2.1", 200, now); got != 100 {
		t.Errorf("%d were looked up, want 100", got)
	}
}

// A logout asks the same way, and cannot be taken for a session's end.
func TestD9_ALogoutIsBoundedToo(t *testing.T) {
	realm, _ := unsigned(t, 1)
	now := time.Now()
	flood(t, realm, "192.0.2.1", 200, now.Add(time.Hour))
	l, err := realm.Lookup("made-up", now)
	if err != nil {
		t.Fatal(err)
	}
	if err := realm.EndUserOf(t.Context(), "192.0.2.1", l); !errors.Is(err, ErrFlood) {
		t.Error(err)
	}
}

// Where a signature is checked nobody can make up a cookie, and nothing is counted.
// Nor does a session in memory cost anything.
func TestD9_WhoIsInMemoryCostsNothing(t *testing.T) {
	native, _ := startedRealm(t, storetest.SQLite(t), time.Minute)
	if native.BoundsClients() {
		t.Error("a signed realm counts")
	}
	realm, _ := unsigned(t, 1)
	now := time.Now()
	l, err := realm.Lookup("s0", now)
	if err != nil {
		t.Fatal(err)
	}
	allocs := testing.AllocsPerRun(1000, func() {
		if _, err := realm.FindFor(t.Context(), "192.0.2.1", l, now); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

// Nor does one that has existed cost nothing for ever, nor what is no cookie at all.
func TestD9_WhatHasEndedCosts(t *testing.T) {
	realm, c := unsigned(t, 0)
	now := time.Now()
	realm.cache = nil
	for _, reason := range []format.Reason{format.ErrUnknown, format.ErrMalformed} {
		said := error(nil)
		c.finder = answers(func(format.Lookup) (*Session, error) { return alice(), said })
		realm.finder = c
		if err := ask(t, realm, "192.0.2.1", "s0", now); err != nil {
			t.Fatal(err)
		}
		said = reason
		asked := c.asked.Load()
		for range 300 {
			_ = ask(t, realm, "192.0.2.1", "s0", now)
		}
		if n := c.asked.Load() - asked; n != 101 { // the first was known
			t.Errorf("%v: the database was asked %d times", reason, n)
		}
		now = now.Add(time.Minute)
	}
}

// Many addresses, and many sessions, take no more memory than so many.
func TestD9_TheMemoryOfAddressesIsBounded(t *testing.T) {
	u, now := newUnknowns(20), time.Now()
	found := func() (*Session, error) { return alice(), nil }
	for i := range 3 * cacheEntries {
		client := fmt.Sprintf("2001:db8:%x:%x::1", i>>16, i&0xFFFF)
		if _, err := u.find(client, numbered(i).Key, now, found); err != nil {
			t.Fatal(err)
		}
	}
	u.clients.CleanUp()
	u.known.CleanUp()
	if clients, known := u.clients.EstimatedSize(), u.known.EstimatedSize(); clients > maxClients || known > cacheEntries {
		t.Errorf("%d addresses and %d sessions are kept", clients, known)
	}
	u = newUnknowns(20)
	if _, err := u.find("192.0.2.1", store.Key{}, now, found); err != nil {
		t.Fatal(err)
	}
	from, _ := network("192.0.2.1")
	address, _ := u.clients.GetEntryQuietly(from)
	session, _ := u.known.GetEntryQuietly(store.Key{})
	if address.ExpiresAfter() > clientMemory || session.ExpiresAfter() > knownMemory {
		t.Errorf("an address is kept for %v, a session for %v", address.ExpiresAfter(), session.ExpiresAfter())
	}
}
