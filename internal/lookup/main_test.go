package lookup

import (
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }

// startedRealm is a realm with one session of alice, on an open database.
func startedRealm(tb testing.TB, url string, cacheTTL time.Duration) (*Realm, string) {
	tb.Helper()
	realm, err := Open(Settings{
		Realm: "test", Store: store.Settings{URL: url, LookupTimeout: time.Second},
		Idle: time.Hour, Lifetime: 24 * time.Hour, CacheTTL: cacheTTL,
	}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = realm.Close() })
	if err := realm.StartNow(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	token, _, err := realm.Create(tb.Context(), store.NewSession{Identity: store.Identity{User: "alice", Claims: store.Claims{
		"email": store.Text("alice@example.com"), "name": store.Text("Alice"), "groups": store.List("admin", "ops"),
	}}}, time.Now())
	if err != nil {
		tb.Fatal(err)
	}
	return realm, token
}

// aloneRealm is a realm of the module's own sessions that nobody shares, on an open
// database.
func aloneRealm(t *testing.T, s Settings, log slog.Handler) *Realm {
	t.Helper()
	realm, err := New(s, nil, slog.New(log))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = realm.CloseNow() })
	if err := realm.StartNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	return realm
}

// logsIn starts a session, and asks the database for none.
func logsIn(t *testing.T, r *Realm, user string, now time.Time) (format.Lookup, *store.Session) {
	t.Helper()
	token, s, err := r.Create(t.Context(), store.NewSession{Identity: store.Identity{User: user}}, now)
	if err != nil {
		t.Fatal(err)
	}
	l, err := r.Lookup(token, now)
	if err != nil {
		t.Fatal(err)
	}
	return l, s
}

// sessionsOf are the realm's rows, as another node sees them.
func sessionsOf(r *Realm) *store.Sessions { return r.backend.(*native).sessions }
