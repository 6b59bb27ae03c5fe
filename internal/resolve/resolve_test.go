package resolve_test

import (
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/internal/cookies"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
	"github.com/seed-11312c3d/caddy-session/internal/resolve"
	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }

// started is a realm's cookie source, with a session for each user.
func started(t *testing.T, users ...string) (from resolve.Source, tokens []string) {
	t.Helper()
	realm, err := lookup.New(lookup.Settings{
		Realm: "test", Store: store.Settings{URL: storetest.SQLite(t), LookupTimeout: 10 * time.Second},
		Idle: time.Hour, Lifetime: 24 * time.Hour,
	}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = realm.CloseNow() })
	if err := realm.StartNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, user := range users {
		token, _, err := realm.Create(t.Context(), store.NewSession{Identity: store.Identity{User: user}}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		tokens = append(tokens, token)
	}
	cookie, err := cookies.New(cookies.Attributes{})
	if err != nil {
		t.Fatal(err)
	}
	return resolve.Source{Realm: realm, Cookie: cookie}, tokens
}

func TestC1_WhichOfSeveralCookiesCounts(t *testing.T) {
	from, tokens := started(t, "alice", "bob")
	alice, bob := "__Host-session="+tokens[0], "__Host-session="+tokens[1]
	const junk = "__Host-session=junk"
	for _, c := range []struct {
		name, status, user string
		lines              []string
		repeated           bool
		tokens             int
	}{
		{"none", resolve.StatusNone, "", nil, false, 0},
		{"another's name", resolve.StatusNone, "", []string{"session=" + tokens[0]}, false, 0},
		{"one", lookup.StatusOK, "alice", []string{alice}, false, 1},
		{"junk alone", "malformed", "", []string{junk}, false, 0},
		{"one among junk", lookup.StatusOK, "alice", []string{junk + "; " + alice, junk}, false, 1},
		{"the same twice", lookup.StatusOK, "alice", []string{alice + "; " + alice}, true, 1},
		{"two", resolve.StatusAmbiguous, "", []string{alice, bob}, true, 2},
		{"two among junk", resolve.StatusAmbiguous, "", []string{strings.Join([]string{junk, bob, junk, alice, bob}, "; ")}, true, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			var res resolve.Result
			res.Read(t.Context(), from, c.lines, time.Now())
			user := ""
			if res.Session != nil {
				user = res.Session.User
			}
			if res.Status != c.status || user != c.user || res.Repeated != c.repeated {
				t.Errorf("%s, user %q, repeated %v", res.Status, user, res.Repeated)
			}
			presented, err := from.Tokens(c.lines, time.Now())
			if err != nil || len(presented.Tokens) != c.tokens || presented.Repeated != c.repeated {
				t.Errorf("%+v %v", presented, err)
			}
		})
	}
}
