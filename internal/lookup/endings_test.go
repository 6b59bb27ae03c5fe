package lookup

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// A standby that lagged becomes the primary, and the database has lost logouts that
// were acknowledged. Who has logged out here stays so, and on all nodes soon (S3).
func TestS3_AFailOverThatLosesALogout(t *testing.T) {
	pair := storetest.StartPair(t)
	logouts := []func(*Realm, format.Lookup, *store.Session) error{
		func(r *Realm, l format.Lookup, _ *store.Session) error { return r.End(t.Context(), l) },
		func(r *Realm, _ format.Lookup, s *store.Session) error {
			_, err := r.EndID(t.Context(), s.ID)
			return err
		},
		func(r *Realm, _ format.Lookup, s *store.Session) error {
			_, _, err := r.Create(t.Context(), store.NewSession{Identity: store.Identity{User: "bob"}, Replaces: &s.Key}, time.Now())
			return err
		},
	}
	log := new(storetest.Log)
	node, other := realmOn(t, pair.URL(), log), realmOn(t, pair.URL("application_name=other"), log)
	var ended []format.Lookup
	for range logouts {
		ended = append(ended, loginOn(t, node, "carol", time.Now()))
	}
	alice := loginOn(t, node, "alice", time.Now())
	pair.Follows()
	pair.Lose(func() {
		for i, logout := range logouts {
			s, err := sessionsOf(node).Show(t.Context(), ended[i].Key.ID(), time.Now())
			if err != nil || s == nil {
				t.Fatal(s, err)
			}
			if err := logout(node, ended[i], s); err != nil {
				t.Fatal(err)
			}
		}
	})
	storetest.Eventually(t, "the database answers", func() bool {
		_, err := other.Find(t.Context(), alice, time.Now())
		return err == nil
	})
	if _, err := other.Find(t.Context(), ended[0], time.Now()); err != nil {
		t.Fatal("the fail-over has lost nothing:", err)
	}
	for _, l := range ended {
		storetest.Eventually(t, "the database answers here", func() bool {
			_, err := node.Find(t.Context(), l, time.Now())
			if err == nil {
				t.Fatal("who has logged out is back")
			}
			return errors.Is(err, format.ErrUnknown)
		})
		storetest.Eventually(t, "the session ends again, and everywhere", func() bool {
			_, err := other.Find(t.Context(), l, time.Now())
			return errors.Is(err, format.ErrUnknown)
		})
	}
	if _, err := node.Find(t.Context(), alice, time.Now()); err != nil {
		t.Error("alice, who has not logged out:", err)
	}
	storetest.Eventually(t, "the log says so", func() bool { return strings.Contains(log.String(), "has lost the end of a session") })
}

// Of all sessions of a user, or of the realm, those come back that are older than
// any clock is wrong; a later login is not taken for one of them (S3).
func TestS3_AllSessionsOfAUserStayEnded(t *testing.T) {
	for name, end := range map[string]func(*Realm) error{
		"of a user": func(r *Realm) error { _, err := r.EndUser(t.Context(), "carol"); return err },
		"of all":    func(r *Realm) error { _, err := r.EndAll(t.Context()); return err },
	} {
		t.Run(name, func(t *testing.T) {
			url := storetest.SQLite(t)
			db := storetest.Open(t, url)
			node := realmOn(t, url, new(storetest.Log))
			l := loginOn(t, node, "carol", time.Now().Add(-10*time.Minute))
			if _, err := db.Exec("CREATE TABLE backup AS SELECT * FROM caddy_session_sessions"); err != nil {
				t.Fatal(err)
			}
			if err := end(node); err != nil {
				t.Fatal(err)
			}
			later := loginOn(t, node, "carol", time.Now().Add(-4*time.Minute)) // by another node's clock
			if _, err := db.Exec("INSERT INTO caddy_session_sessions SELECT * FROM backup"); err != nil {
				t.Fatal(err)
			}
			if _, err := node.Find(t.Context(), l, time.Now()); !errors.Is(err, format.ErrUnknown) {
				t.Error("who has logged out is back:", err)
			}
			if _, err := node.Find(t.Context(), later, time.Now()); err != nil {
				t.Error("a later login:", err)
			}
		})
	}
}

// realmOn is a node without a cache, so that each lookup asks the database.
func realmOn(t *testing.T, url string, log *storetest.Log) *Realm {
	t.Helper()
	return aloneRealm(t, Settings{
		Realm: "test", Store: store.Settings{URL: url, LookupTimeout: time.Second}, Idle: time.Hour, Lifetime: 24 * time.Hour,
	}, slog.NewTextHandler(log, nil))
}

func loginOn(t *testing.T, r *Realm, user string, now time.Time) format.Lookup {
	t.Helper()
	l, _ := logsIn(t, r, user, now)
	return l
}
