package lookup

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// asked are lookups of one cookie at times from now, and whether there is a session.
type asked struct {
	after time.Duration
	lives bool
}

func assertLives(t *testing.T, r *Realm, l format.Lookup, now time.Time, times ...asked) {
	t.Helper()
	for _, at := range times {
		_, err := r.Find(t.Context(), l, now.Add(at.after))
		if at.lives && err != nil || !at.lives && !errors.Is(err, format.ErrExpired) {
			t.Errorf("after %v: %v; it lives: %v", at.after, err, at.lives)
		}
	}
}

// A session of the module's own that starts in the future ends a lifetime after this
// process has seen it first, and does not come back.
func TestD10_ARowFromTheFutureEnds(t *testing.T) {
	const day = 24 * time.Hour
	for _, kind := range storetest.Kinds {
		t.Run(kind.Name, func(t *testing.T) {
			url := kind.Fresh(t)
			realm, token := startedRealm(t, url, 0)
			now := time.Now()
			l, err := realm.Lookup(token, now)
			if err != nil {
				t.Fatal(err)
			}
			set := func(created, seen time.Time) {
				text := fmt.Sprintf("UPDATE caddy_session_sessions SET created = %d, seen = %d, expires = %d",
					created.UnixMilli(), seen.UnixMilli(), now.Add(10_000*day).UnixMilli())
				if _, err := storetest.Open(t, url).ExecContext(t.Context(), text); err != nil {
					t.Fatal(err)
				}
			}
			set(now.Add(10*day), now.Add(9_000*day))
			assertLives(t, realm, l, now, asked{0, true}, asked{day - time.Minute, true}, asked{day, false}, asked{10*day + time.Hour, false})
			// A list does not begin the time anew.
			if list, err := realm.List(t.Context(), "alice", 10, now.Add(day)); err != nil || len(list) > 0 {
				t.Error(list, err)
			}
			// What was used in the future is not idle, and not for ever either.
			set(now, now.Add(9_000*day))
			assertLives(t, realm, l, now, asked{2 * time.Hour, true}, asked{day, false})
		})
	}
}

// So does another program's, whose clock is wrong or whose times are of another zone.
func TestD10_AForeignRowFromTheFutureEnds(t *testing.T) {
	url := storetest.SQLite(t)
	db := storetest.Open(t, url)
	execute := func(text string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), text, args...); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	execute("CREATE TABLE s (k TEXT PRIMARY KEY, u TEXT, c INTEGER, a INTEGER)")
	for mode, column := range map[string]string{"since": "a", "none": "c"} {
		t.Run(mode, func(t *testing.T) {
			execute("DELETE FROM s")
			execute("INSERT INTO s VALUES ('one', 'alice', ?, ?)", at(10*time.Hour), at(10*time.Hour))
			realm, err := Open(Settings{
				Realm: "test", Format: mode, Store: store.Settings{URL: url, LookupTimeout: time.Second, Access: store.ForeignRead},
			}, &format.Options{
				Name: "custom", Cookie: "sid", Table: "s", Expires: mode, ExpiresUnit: "unix", MaxAge: format.Duration(2 * time.Hour),
				Columns: map[string]string{"key": "k", "user_id": "u", "created_at": "c", "last_seen": "a"},
			}, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = realm.Close() })
			if err := realm.StartNow(t.Context()); err != nil {
				t.Fatal(err)
			}
			l, err := realm.Lookup("one", now)
			if err != nil {
				t.Fatal(err)
			}
			assertLives(t, realm, l, now, asked{0, true}, asked{time.Hour, true}, asked{2 * time.Hour, false}, asked{11 * time.Hour, false})
			// What the program writes then is another sign of life, its clock as wrong as it is.
			execute("UPDATE s SET "+column+" = ?", at(13*time.Hour))
			assertLives(t, realm, l, now, asked{3 * time.Hour, true}, asked{4 * time.Hour, true}, asked{5 * time.Hour, false})
			execute("UPDATE s SET "+column+" = ?", at(5*time.Hour))
			assertLives(t, realm, l, now, asked{5 * time.Hour, true}, asked{7 * time.Hour, false})
		})
	}
}
