package lookup

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// recheckedRealm is a realm with one session of alice whose cache asks again.
func recheckedRealm(t *testing.T, url string, every, ttl time.Duration) (*Realm, *counting, format.Lookup) {
	t.Helper()
	realm := aloneRealm(t, Settings{
		Realm: "test", Store: store.Settings{URL: url, LookupTimeout: 10 * time.Second},
		Idle: time.Hour, Lifetime: 24 * time.Hour, CacheTTL: ttl, MaxPerUser: 50,
	}, slog.DiscardHandler)
	l, _ := logsIn(t, realm, "alice", time.Now())
	source := &counting{finder: realm.cache.source}
	realm.cache.source = source
	settings := realm.settings
	settings.Recheck = every
	realm.again.close()
	realm.again = newRecheck(realm, source, 2000, settings, slog.New(slog.DiscardHandler))
	realm.cache.again = realm.again
	return realm, source, l
}

func TestS2_WhatEndsElsewhereIsRefusedLongBeforeCacheTTL(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": storetest.Postgres, "mysql": storetest.MySQL} {
		t.Run(name, func(t *testing.T) {
			realm, _, l := recheckedRealm(t, url(t), 100*time.Millisecond, time.Hour)
			if _, err := realm.Find(t.Context(), l, time.Now()); err != nil {
				t.Fatal(err)
			}
			// Another node, a person in psql: this one is told nothing.
			if _, err := sessionsOf(realm).Revoke(t.Context(), l.Key); err != nil {
				t.Fatal(err)
			}
			storetest.Eventually(t, "the session is refused", func() bool {
				_, err := realm.Find(t.Context(), l, time.Now())
				return errors.Is(err, format.ErrUnknown)
			})
		})
	}
}

// Who is active never waits for the database, and the rounds ask for those only.
func TestRecheck_AsksForWhatIsInUse(t *testing.T) {
	realm, source, l := recheckedRealm(t, storetest.Postgres(t), 100*time.Millisecond, time.Hour)
	if _, err := realm.Find(t.Context(), l, time.Now()); err != nil {
		t.Fatal(err)
	}
	before := source.asked.Load()
	storetest.Eventually(t, "it is asked for again while it is in use", func() bool {
		if _, err := realm.Find(t.Context(), l, time.Now()); err != nil {
			t.Fatal(err)
		}
		return source.asked.Load() > before+3
	})
	// Nobody uses it: after the round that is under way nothing is asked.
	round := realm.cache.again.round.Load()
	storetest.Eventually(t, "two rounds pass", func() bool { return realm.cache.again.round.Load() > round+2 })
	idle := source.asked.Load()
	round = realm.cache.again.round.Load()
	storetest.Eventually(t, "rounds pass", func() bool { return realm.cache.again.round.Load() > round+3 })
	if asked := source.asked.Load(); asked != idle {
		t.Errorf("%d questions for nobody", asked-idle)
	}
}

// A file that nobody has changed says the same as before: it is asked about a session
// that is in use once, and again after a change, and when its time may be over.
func TestRecheck_AnUnchangedFileIsNotAskedTwice(t *testing.T) {
	realm, source, l := recheckedRealm(t, storetest.SQLite(t), 100*time.Millisecond, time.Hour)
	find := func() *Session {
		s, err := realm.Find(t.Context(), l, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	rounds := func(n uint32, what string) {
		t.Helper()
		begun := realm.again.round.Load()
		storetest.Eventually(t, what, func() bool { find(); return realm.again.round.Load() > begun+n })
	}
	rounds(4, "it is known")
	known, checked := source.asked.Load(), find().checked.Load()
	rounds(4, "rounds pass")
	if asked := source.asked.Load(); asked != known || find().checked.Load() == checked {
		t.Errorf("%d questions, and that nothing has changed is noted: %v", asked-known, find().checked.Load() != checked)
	}
	if _, err := storetest.Open(t, realm.settings.Store.URL).Exec("UPDATE caddy_session_sessions SET claims = '{}'"); err != nil {
		t.Fatal(err)
	}
	storetest.Eventually(t, "the change is seen", func() bool { return len(find().Identity().Claims) == 0 })
	rounds(4, "it is known")
	realm.again.closed <- struct{}{} // no rounds from here on
	s := find()
	if !realm.again.isUnchanged(s) {
		t.Error("it is not known")
	}
	if realm.settings.Idle = time.Nanosecond; realm.again.isUnchanged(s) {
		t.Error("that it is idle is not asked about")
	}
	realm.settings.Idle = time.Hour
	// That it was looked at counts like an answer, for as long.
	s.checked.Store(0)
	looked := time.UnixMilli(realm.again.looked.Load())
	for ago, want := range map[time.Duration]bool{0: true, time.Minute: false, -time.Minute: false} {
		if fresh := realm.again.isFresh(s, looked.Add(ago)); fresh != want {
			t.Errorf("looked at %v ago: %v", ago, fresh)
		}
	}
	realm.again.version = func() (int64, bool) { return 0, false }
	if realm.again.look(); realm.again.isUnchanged(s) || realm.again.isFresh(s, time.Now()) {
		t.Error("a file that cannot be looked at counts as unchanged")
	}
}

// What was not asked for lately is, before it is served: after a pause of the
// machine, or when nobody has used it for a while.
func TestRecheck_APausedNodeAsksBeforeItServes(t *testing.T) {
	realm, source, l := recheckedRealm(t, storetest.SQLite(t), time.Hour, 2*time.Hour)
	now := time.Now()
	if _, err := realm.Find(t.Context(), l, now); err != nil {
		t.Fatal(err)
	}
	if _, err := sessionsOf(realm).Revoke(t.Context(), l.Key); err != nil {
		t.Fatal(err)
	}
	// 1. Within the window memory will do.
	if _, err := realm.Find(t.Context(), l, now.Add(59*time.Minute)); err != nil {
		t.Fatal(err)
	}
	// 2. The clock has moved on, no round has come: the database knows.
	source.fails.Store(true)
	late := now.Add(61 * time.Minute)
	realm.settings.Idle, realm.cache.times.idle = 3*time.Hour, 3*time.Hour
	if s, err := realm.Find(t.Context(), l, late); err != nil || s.User != "alice" {
		t.Errorf("while the database is away: %v %v, want alice for as long as cache_ttl", s, err)
	}
	source.fails.Store(false)
	if s, err := realm.Find(t.Context(), l, late); !errors.Is(err, format.ErrUnknown) {
		t.Errorf("%v %v, want that it is unknown", s, err)
	}
}

// A clock that was set back makes nobody fresh: neither for requests nor for rounds.
func TestRecheck_AClockThatIsSetBackHasEverybodyAskedFor(t *testing.T) {
	realm, _, l := recheckedRealm(t, storetest.SQLite(t), time.Hour, 2*time.Hour)
	now := time.Now()
	s, err := realm.Find(t.Context(), l, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sessionsOf(realm).Revoke(t.Context(), l.Key); err != nil {
		t.Fatal(err)
	}
	if _, err := realm.Find(t.Context(), l, now.Add(-59*time.Minute)); err != nil {
		t.Errorf("%v, want memory within the window", err)
	}
	if s, err := realm.Find(t.Context(), l, now.Add(-61*time.Minute)); !errors.Is(err, format.ErrUnknown) {
		t.Errorf("%v %v, want that it is unknown", s, err)
	}
	if s.checked.Store(now.Add(time.Hour).UnixMilli()); realm.again.isChecked(s) {
		t.Error("a round leaves out what was asked for in the future")
	}
}

// A claim that was changed in the table is there with the next round, and what
// another node has noted as activity keeps the session alive here.
func TestRecheck_WhatHasChangedIsSeen(t *testing.T) {
	url := storetest.SQLite(t)
	realm, _, l := recheckedRealm(t, url, 100*time.Millisecond, time.Hour)
	if _, err := realm.Find(t.Context(), l, time.Now()); err != nil {
		t.Fatal(err)
	}
	db := storetest.Open(t, url)
	if _, err := db.Exec(`UPDATE caddy_session_sessions SET claims = '{"email":"new@example.com"}'`); err != nil {
		t.Fatal(err)
	}
	storetest.Eventually(t, "the new claim is seen", func() bool {
		s, err := realm.Find(t.Context(), l, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return s.Identity().Claims["email"].String() == "new@example.com"
	})
}

// A cap makes rounds longer, and with them the time within which memory will do.
func TestRecheck_ACapMakesRoundsLonger(t *testing.T) {
	r := &recheck{every: time.Second, slack: 500 * time.Millisecond, most: 500}
	for sessions, want := range map[int]time.Duration{0: time.Second, 500: time.Second, 5000: 10 * time.Second} {
		if got := r.plan(sessions); got != want || r.window.Load() != (want+r.slack).Milliseconds() {
			t.Errorf("%d sessions: %v, window %d ms, want %v", sessions, got, r.window.Load(), want)
		}
	}
}

// What is changed in a file is seen long before the next round, by whomever.
func TestRecheck_AChangedFileIsAskedAtOnce(t *testing.T) {
	url := storetest.SQLite(t)
	realm, l, session := openRealm(t, Settings{Store: store.Settings{URL: url}, CacheTTL: time.Hour, Recheck: time.Hour})
	q := new(request)
	q.stream.Begin(realm, session, l, q)
	defer q.stream.Over()
	db := storetest.Open(t, url)
	if _, err := db.Exec("DELETE FROM caddy_session_sessions"); err != nil {
		t.Fatal(err)
	}
	storetest.Eventually(t, "the session is refused, and what is under way ended", func() bool {
		_, err := realm.Find(t.Context(), l, time.Now())
		return errors.Is(err, format.ErrUnknown) && q.ended.Load() > 0
	})
}

// Of a server many are asked for in one question; each has its own outcome, also where
// one of the rows cannot be read.
func TestRecheck_ManyAreAskedForInOneQuestion(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{"postgres": storetest.Postgres, "mysql": storetest.MySQL} {
		t.Run(name, func(t *testing.T) {
			realm, source, _ := recheckedRealm(t, url(t), time.Hour, time.Hour)
			var all []inUse
			for _, user := range []string{"lives", "ended", "changed", "broken"} {
				l, _ := logsIn(t, realm, user, time.Now())
				s, err := realm.Find(t.Context(), l, time.Now())
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, inUse{l, s})
			}
			again, questions := realm.again, 0
			again.many = func(all []format.Lookup, now time.Time) ([]found, error) {
				questions++
				return realm.table.findMany(all, now)
			}
			ask := func() (answered bool, singles int64) {
				t.Helper()
				before := source.asked.Load()
				questions = 0
				answered = again.askPiece(all, func(*Session) bool { return false })
				if questions != 1 {
					t.Errorf("%d questions for many", questions)
				}
				return answered, source.asked.Load() - before
			}
			db := storetest.Open(t, realm.settings.Store.URL)
			for _, statement := range []string{
				"DELETE FROM caddy_session_sessions WHERE user_id = 'ended'",
				"UPDATE caddy_session_sessions SET user_id = 'else' WHERE user_id = 'changed'",
				"UPDATE caddy_session_sessions SET claims = '{' WHERE user_id = 'broken'",
			} {
				if _, err := db.Exec(statement); err != nil {
					t.Fatal(err)
				}
			}
			if answered, singles := ask(); !answered || singles != 0 {
				t.Errorf("answered: %v, %d questions for one", answered, singles)
			}
			for i, want := range []string{"lives", "", "else", ""} {
				s, err := realm.Find(t.Context(), all[i].lookup, time.Now())
				if got := userOf(s); got != want {
					t.Errorf("%d: %q %v, want %q", i, got, err, want)
				}
			}
			// A table that cannot be read at all: each is asked for, and says so.
			if _, err := db.Exec("ALTER TABLE caddy_session_sessions RENAME TO elsewhere"); err != nil {
				t.Fatal(err)
			}
			if _, singles := ask(); singles == 0 {
				t.Error("nobody is asked for alone")
			}
			if s, err := realm.Find(t.Context(), all[0].lookup, time.Now()); userOf(s) != "lives" {
				t.Errorf("%v %v, want what is known for as long as cache_ttl", s, err)
			}
		})
	}
}

func userOf(s *Session) string {
	if s == nil {
		return ""
	}
	return s.User
}
