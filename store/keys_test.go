package store

import (
	"bytes"
	"database/sql"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// startedSQLite starts a store on a fresh file, in which nothing is purged in the
// background.
func startedSQLite(t *testing.T, settings Settings) *Store {
	t.Helper()
	settings.URL = storetest.SQLite(t)
	s, err := New(settings, slog.New(slog.DiscardHandler))
	if err == nil {
		err = s.StartNow(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error("closing:", err)
		}
	})
	return s
}

// login starts a session of a user.
func login(t *testing.T, s *Store, user string) Key {
	t.Helper()
	n := NewSession{Identity: Identity{User: user}}
	_, session, err := s.Sessions("main", time.Hour, time.Hour).Create(t.Context(), n, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return session.Key
}

func run(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, text := range statements {
		if _, err := db.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
}

// A new key makes no tokens before every node has read it, and the tokens of
// the old one stay valid until it is retired.
func TestChangeOfKeys(t *testing.T) {
	s := startedSQLite(t, Settings{})
	first := s.Keys()
	if _, err := s.write(t.Context(), "adding a key", insertKey, int64(2), bytes.Repeat([]byte{2}, secretLen), s.now().UnixMilli()); err != nil {
		t.Fatal(err)
	}
	reload := func() {
		t.Helper()
		if err := s.readKeys(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	reload()
	early, _ := s.Keys().Mint("main", "", time.Now())
	if _, ok := first.Verify("main", "", early); !ok {
		t.Error("a node that does not know the new key yet refuses a token")
	}
	now := time.Now()
	s.now = func() time.Time { return now.Add(settleTime + time.Second) }
	reload()
	late, _ := s.Keys().Mint("main", "", time.Now())
	if _, ok := first.Verify("main", "", late); ok {
		t.Error("the new key is not used")
	}
	if _, ok := s.Keys().Verify("main", "", early); !ok {
		t.Error("a new key has logged somebody out")
	}
	if _, err := s.write(t.Context(), "retiring a key", `UPDATE {keys} SET retired = ? WHERE id = ?`, now.UnixMilli(), int64(1)); err != nil {
		t.Fatal(err)
	}
	reload()
	if _, ok := s.Keys().Verify("main", "", early); ok {
		t.Error("a token of a retired key is accepted")
	}
}

// Somebody empties the table of keys: that must not log everybody out at once.
func TestKeysThatVanish(t *testing.T) {
	s := startedSQLite(t, Settings{})
	token, _ := s.Keys().Mint("main", "", time.Now())
	if _, err := s.write(t.Context(), "deleting the keys", `DELETE FROM {keys}`); err != nil {
		t.Fatal(err)
	}
	if err := s.readKeys(t.Context()); err == nil {
		t.Error("nobody is told")
	}
	if _, ok := s.Keys().Verify("main", "", token); !ok {
		t.Error("the token is refused")
	}
}

// Whoever has a session in one database makes none in another.
func TestS1_EveryDatabaseHasAKeyOfItsOwn(t *testing.T) {
	one, other := startedSQLite(t, Settings{}).Keys(), startedSQLite(t, Settings{}).Keys()
	token, _ := one.Mint("main", "", time.Now())
	if _, ok := other.Verify("main", "", token); ok {
		t.Error("two new databases have the same key")
	}
	zeros := newKeyring([]secret{{1, make([]byte, secretLen)}}, 0)
	if _, ok := zeros.Verify("main", "", token); ok {
		t.Error("anybody knows the key")
	}
}

// A key that cannot be one is no reason to go without it, or to make another.
func TestAKeyThatIsTooShort(t *testing.T) {
	s := startedSQLite(t, Settings{})
	token, _ := s.Keys().Mint("main", "", time.Now())
	if _, err := s.write(t.Context(), "adding a key", insertKey, int64(2), []byte("short"), s.now().UnixMilli()); err != nil {
		t.Fatal(err)
	}
	if err := s.readKeys(t.Context()); err == nil || !strings.Contains(err.Error(), "32 bytes") {
		t.Error(err)
	}
	if _, ok := s.Keys().Verify("main", "", token); !ok {
		t.Error("the token is refused")
	}
}

// The notes of what was used are bounded, and each session has one.
func TestActivityIsBounded(t *testing.T) {
	a := activity{pending: make(map[Key]note)}
	for i := range maxPending + 10 {
		a.add(Key{byte(i), byte(i >> 8), byte(i >> 16)}, note{seen: 1})
	}
	a.add(Key{}, note{seen: 5})
	a.add(Key{}, note{seen: 4})
	if taken := a.take(); len(taken) != maxPending || taken[Key{}].seen != 5 {
		t.Error(len(taken), taken[Key{}])
	}
	if a.take() != nil {
		t.Error("notes were taken twice")
	}
}
