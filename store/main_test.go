package store_test

import (
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

func TestMain(m *testing.M) {
	if work := os.Getenv("STORE_TEST_CHILD"); work != "" {
		os.Exit(child(work))
	}
	os.Exit(storetest.Run(m))
}

const (
	idle     = time.Hour
	lifetime = 24 * time.Hour
)

// newStore makes a store that is closed after the test.
func newStore(tb testing.TB, settings store.Settings) (*store.Store, *storetest.Log) {
	tb.Helper()
	log := new(storetest.Log)
	s, err := store.New(settings, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error("closing:", err)
		}
		if strings.Contains(log.String(), storetest.Password) {
			tb.Error("a password is in the log:", log)
		}
	})
	return s, log
}

// started makes a store and starts it.
func started(tb testing.TB, url string) *store.Store {
	tb.Helper()
	s, _ := newStore(tb, store.Settings{URL: url})
	if err := s.Start(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	if !s.Ready() {
		tb.Fatal("the store is not ready")
	}
	return s
}

// create starts a session for a user, and fails the test if that does.
func create(tb testing.TB, x *store.Sessions, user string, now time.Time) (string, *store.Session) {
	tb.Helper()
	token, session, err := x.Create(tb.Context(), store.NewSession{Identity: store.Identity{User: user}}, now)
	if err != nil {
		tb.Fatal(err)
	}
	return token, session
}

// find returns a session as a request gets it, or nil.
func find(tb testing.TB, x *store.Sessions, key store.Key) *store.Session {
	tb.Helper()
	session, err := tryFind(x, key)
	if err != nil {
		tb.Fatal(err)
	}
	return session
}

func tryFind(x *store.Sessions, key store.Key) (*store.Session, error) {
	row, err := x.Find(key)
	if err != nil || row == nil {
		return nil, err
	}
	return row.Session()
}

// shown returns a session as the database has it, whatever is noted.
func shown(tb testing.TB, x *store.Sessions, s *store.Session) *store.Session {
	tb.Helper()
	written, err := x.Show(tb.Context(), s.ID, s.Created)
	if err != nil || written == nil {
		tb.Fatal("the session is not shown:", written, err)
	}
	return written
}
