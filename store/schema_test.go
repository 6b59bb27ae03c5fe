package store

import (
	"bytes"
	"errors"
	"log/slog"
	"testing"
	"testing/cryptotest"
	"time"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// A newer version of the program has changed the tables, and says that this one may
// use them: it does, and leaves alone what it does not know.
func TestANewerSchemaThatIsCompatible(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		alice := login(t, upgraded(t, url), "alice")
		db := storetest.Open(t, url)
		run(t, db, "ALTER TABLE caddy_session_sessions ADD COLUMN mood VARCHAR(20) DEFAULT 'fine' NOT NULL",
			"CREATE TABLE caddy_session_moods (mood VARCHAR(20))",
			"INSERT INTO caddy_session_migrations (version, name, applied, compatible_from) VALUES (3, '0003_moods', 0, 2)")
		s := upgraded(t, url)
		if row, err := s.Sessions("main", time.Hour, time.Hour).Find(alice); row == nil || err != nil {
			t.Error(row, err)
		}
		login(t, s, "bob")
		if have, known, err := s.SchemaVersion(t.Context()); have != 3 || known != 2 || err != nil {
			t.Error(have, known, err)
		}
	})
}

// One that does not say so is refused, whatever else stands there.
func TestANewerSchemaThatIsNot(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		upgraded(t, url)
		db := storetest.Open(t, url)
		for i, from := range []string{"3", "0", "-1", "NULL", "4"} {
			version := string(rune('4' + i))
			run(t, db, "INSERT INTO caddy_session_migrations (version, name, applied, compatible_from) VALUES ("+version+", 'future', 0, "+from+")")
			s, err := New(Settings{URL: url}, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.StartNow(t.Context()); !errors.Is(err, errNewerSchema) {
				t.Error(from, err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

// Two keys begin with the same 63 bits, or somebody has written a row whose key does
// not fit its number: nobody gets, keeps alive or ends the other's session (S6).
func TestS6_ARowWithTheNumberOfAnotherKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := upgraded(t, url)
		alice := login(t, s, "alice")
		x := s.Sessions("main", time.Hour, time.Hour)
		mallory := alice
		mallory[31] ^= 1
		if row, err := x.Find(mallory); row != nil || err != nil {
			t.Error("mallory is", row, err)
		}
		rows, err := s.findMany([]Key{mallory, alice}, time.Now().Add(time.Minute))
		if rows[mallory] != nil || rows[alice] == nil || err != nil {
			t.Error(rows, err)
		}
		later := time.Now().Add(10 * time.Minute)
		x.Touch(mallory, later)
		if err := s.flush(t.Context()); err != nil {
			t.Error(err)
		}
		if ended, err := x.Revoke(t.Context(), mallory); ended || err != nil {
			t.Error(ended, err)
		}
		if n, err := x.RevokeID(t.Context(), alice.ID()); n != 1 || err != nil {
			t.Error("by her id alice has", n, err)
		}
		if row, err := x.Find(alice); row != nil || err != nil {
			t.Error(row, err)
		}
	})
}

// A login whose key begins as another one does gets another key.
func TestALoginWhoseNumberIsTaken(t *testing.T) {
	for _, d := range storetest.Kinds {
		t.Run(d.Name, func(t *testing.T) {
			url := d.Fresh(t)
			s := upgraded(t, url)
			if s == nil {
				t.FailNow()
			}
			x := s.Sessions("main", time.Hour, time.Hour)
			cryptotest.SetGlobalRandom(t, 1)
			_, first, err := x.Create(t.Context(), NewSession{Identity: Identity{User: "alice"}}, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			cryptotest.SetGlobalRandom(t, 1) // so that the next key is the same
			_, second, err := x.Create(t.Context(), NewSession{Identity: Identity{User: "bob"}}, time.Now())
			if err != nil || second.Key == first.Key {
				t.Fatal(second, err)
			}
			for user, key := range map[string]Key{"alice": first.Key, "bob": second.Key} {
				if row, err := x.Find(key); err != nil || row == nil || row.user != user {
					t.Error(user, row, err)
				}
			}
		})
	}
}

// Rows of a kind that a newer program writes are no session for a request, do not
// count among a user's logins, and end at their end only.
func TestRowsOfAnUnknownKind(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := upgraded(t, url)
		now := time.Now()
		x := s.Sessions("main", time.Hour, 100*time.Hour)
		tokenKey, idler := login(t, s, "alice"), login(t, s, "alice")
		db := storetest.Open(t, url)
		long := now.Add(-50 * time.Hour).UnixMilli()
		for key, set := range map[Key]string{tokenKey: "kind = 'token'", idler: "idle_timeout = 999999999"} {
			if _, err := db.Exec(s.Query("UPDATE caddy_session_sessions SET seen = ?, expires = ?, "+set+" WHERE session_number = ?").text, long, now.Add(time.Hour).UnixMilli(), key.number()); err != nil {
				t.Fatal(err)
			}
		}
		if row, err := x.Find(tokenKey); row != nil || err != nil {
			t.Error("a request gets", row, err)
		}
		if rows, err := s.findMany([]Key{tokenKey, idler}, now.Add(time.Minute)); rows[tokenKey] != nil || rows[idler] == nil || err != nil {
			t.Error(rows, err)
		}
		if n, err := x.Purge(t.Context(), now); n != 0 || err != nil {
			t.Error("purged", n, err)
		}
		if _, _, err := x.Create(t.Context(), NewSession{Identity: Identity{User: "alice"}, MaxPerUser: 1}, now); err != nil {
			t.Fatal(err)
		}
		var tokens int
		if err := db.QueryRow("SELECT COUNT(*) FROM caddy_session_sessions WHERE kind = 'token'").Scan(&tokens); tokens != 1 || err != nil {
			t.Error(tokens, err)
		}
		if _, err := x.Purge(t.Context(), now.Add(2*time.Hour)); err != nil {
			t.Error(err)
		}
		if err := db.QueryRow("SELECT COUNT(*) FROM caddy_session_sessions WHERE kind = 'token'").Scan(&tokens); tokens != 0 || err != nil {
			t.Error("after its end:", tokens, err)
		}
	})
}

// A key of another purpose signs nothing here, and what it has signed is no token.
func TestKeysOfAnotherPurpose(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := upgraded(t, url)
		other := bytes.Repeat([]byte{7}, secretLen)
		if _, err := storetest.Open(t, url).Exec(s.Query("INSERT INTO caddy_session_keys (id, secret, created, purpose) VALUES (2, ?, 0, 'assertion')").text, other); err != nil {
			t.Fatal(err)
		}
		if err := s.readKeys(t.Context()); err != nil {
			t.Fatal(err)
		}
		theirs := newKeyring([]secret{{2, other}}, 0)
		mine, _ := s.Keys().Mint("main", "", time.Now())
		if _, ok := theirs.Verify("main", "", mine); ok {
			t.Error("a token is signed with a key of another purpose")
		}
		forged, _ := theirs.Mint("main", "", time.Now())
		if _, ok := s.Keys().Verify("main", "", forged); ok {
			t.Error("a key of another purpose makes tokens")
		}
	})
}
