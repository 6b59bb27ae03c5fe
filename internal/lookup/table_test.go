package lookup

import (
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

func TestF2_ADatabaseThatHangsIsLeftAlone(t *testing.T) {
	server := storetest.StartPostgres(t)
	realm, token := startedRealm(t, server.URL(), 0)
	lookup, err := realm.Lookup(token, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	find := func() error {
		_, err := realm.Find(t.Context(), lookup, time.Now())
		return err
	}
	if err := find(); err != nil {
		t.Fatal(err)
	}
	// 1. It hangs. Some callers wait in vain.
	server.Freeze()
	for range tripAfter {
		if err := find(); !errors.Is(err, store.ErrUnavailable) || isAnsweredAtOnce(err) {
			t.Fatalf("got %v, want one that waited", err)
		}
	}
	// 2. The next ones are told at once, though somebody tries now and then.
	for end := time.Now().Add(3 * tryEvery); time.Now().Before(end); {
		if err := find(); !errors.Is(err, store.ErrUnavailable) || !isAnsweredAtOnce(err) {
			t.Fatalf("got %v", err)
		}
	}
	// 3. It goes on, and so does everything, without a restart or a request.
	server.Thaw()
	for deadline := time.Now().Add(time.Minute); realm.table.breaker.open.Load(); {
		if time.Now().After(deadline) {
			t.Fatal("it has not come back")
		}
	}
	if err := find(); err != nil {
		t.Error(err)
	}
}

func isAnsweredAtOnce(err error) bool {
	return strings.Contains(err.Error(), "has not answered lately")
}

// A database that answers is asked, whatever it says.
func TestF1_ARowThatCannotBeReadHurtsNobodyElse(t *testing.T) {
	url := storetest.SQLite(t)
	realm, token := startedRealm(t, url, 0)
	broken, err := realm.Lookup(token, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	_, bob, err := sessionsOf(realm).Create(t.Context(), store.NewSession{Identity: store.Identity{User: "bob"}}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	find := func(l format.Lookup) error {
		_, err := realm.Find(t.Context(), l, time.Now())
		return err
	}
	db, err := sql.Open("sqlite", strings.TrimPrefix(url, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	change := func(text string) {
		t.Helper()
		if _, err := db.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	// 1. Alice's row says nonsense.
	change("UPDATE caddy_session_sessions SET seen = 'yesterday' WHERE user_id = 'alice'")
	for range 2 * tripAfter {
		if err := find(broken); !errors.Is(err, format.ErrUndecodable) {
			t.Fatal(err)
		}
	}
	if err := find(format.Lookup{Key: bob.Key}); err != nil {
		t.Error(err)
	}
	// 2. The table is away for a moment: nobody can know, but it is asked each time.
	change("ALTER TABLE caddy_session_sessions RENAME TO away")
	for range 2 * tripAfter {
		if err := find(format.Lookup{Key: bob.Key}); !errors.Is(err, store.ErrUnavailable) || isAnsweredAtOnce(err) {
			t.Fatal(err)
		}
	}
	change("ALTER TABLE away RENAME TO caddy_session_sessions")
	if err := find(format.Lookup{Key: bob.Key}); err != nil {
		t.Error(err)
	}
}
