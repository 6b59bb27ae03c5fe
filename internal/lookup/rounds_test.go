package lookup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// crew is a database whose sessions are told what they are, and which counts.
type crew struct {
	mu    sync.Mutex
	asked int
	last  time.Time
	took  time.Duration // that an answer takes
	say   func(key store.Key) (*Session, error)
}

func (c *crew) Find(_ context.Context, l format.Lookup, _ time.Time) (*Session, error) {
	c.mu.Lock()
	c.asked++
	c.last = time.Now()
	say, took := c.say, c.took
	c.mu.Unlock()
	if took > 0 {
		<-time.After(took)
	}
	return say(l.Key)
}

// tell changes what the database says from now on.
func (c *crew) tell(say func(key store.Key) (*Session, error)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.say = say
}

// answersAfter says how long an answer takes from now on.
func (c *crew) answersAfter(took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.took = took
}

// nextRound waits until a round has just been asked.
func (c *cache) nextRound(t *testing.T) {
	t.Helper()
	for round := c.again.round.Load(); c.again.round.Load() == round; {
		after(10 * time.Millisecond)
	}
	after(20 * time.Millisecond)
}

// since returns how often it was asked since that was asked last.
func (c *crew) since() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	asked := c.asked
	c.asked = 0
	return asked
}

func saying(s *Session, err error) func(store.Key) (*Session, error) {
	return func(store.Key) (*Session, error) { return s, err }
}

// livingAlice says of every session that it is alice's until one time.
func livingAlice(ends time.Time) func(store.Key) (*Session, error) {
	return func(store.Key) (*Session, error) {
		return NewSession(&store.Session{User: "alice", Seen: time.Now(), Expires: ends}), nil
	}
}

func numbered(n int) format.Lookup {
	return format.Lookup{Key: store.Key{byte(n >> 16), byte(n >> 8), byte(n)}}
}

// inRounds runs a test in a bubble with a cache that asks again every second.
func inRounds(t *testing.T, most int, test func(t *testing.T, c *cache, db *crew, log *storetest.Log)) {
	synctest.Test(t, func(t *testing.T) {
		db, log := &crew{say: livingAlice(time.Now().Add(24 * time.Hour))}, new(storetest.Log)
		c := newCache(db, cacheTimes{ttl: time.Hour, idle: time.Hour}, false)
		settings := Settings{Recheck: time.Second, Store: store.Settings{LookupTimeout: time.Second}}
		c.again = newRecheck(&Realm{cache: c, streams: new(streams)}, db, most, settings, slog.New(slog.NewTextHandler(log, nil)))
		defer func() {
			c.again.close()
			c.live.StopAllGoroutines()
			c.dead.StopAllGoroutines()
			c.ended.StopAllGoroutines()
		}()
		test(t, c, db, log)
	})
}

// use finds sessions for so long, ten times a second, and returns how often each of
// them was refused.
func (c *cache) use(t *testing.T, sessions int, d time.Duration) (refused int) {
	t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); after(100 * time.Millisecond) {
		for n := range sessions {
			if _, err := c.Find(t.Context(), numbered(n), time.Now()); err != nil {
				refused++
			}
		}
	}
	return refused
}

func TestS2_WhatEndsElsewhereIsRefusedWithinARound(t *testing.T) {
	inRounds(t, 2000, func(t *testing.T, c *cache, db *crew, _ *storetest.Log) {
		db.answersAfter(10 * time.Millisecond)
		if refused := c.use(t, 3, 10*time.Second); refused > 0 {
			t.Errorf("%d are refused", refused)
		}
		// Nobody waited for the database: the rounds asked, once for each.
		if n := db.since(); n < 3*9 || n > 3*12 {
			t.Errorf("in ten seconds it was asked %d times for three sessions", n)
		}
		c.nextRound(t)
		db.tell(saying(nil, format.ErrUnknown))
		ended := time.Now()
		for {
			if _, err := c.Find(t.Context(), numbered(0), time.Now()); errors.Is(err, format.ErrUnknown) {
				break
			}
			after(50 * time.Millisecond)
		}
		if took := time.Since(ended); took > 1200*time.Millisecond {
			t.Errorf("it was served for %v", took)
		}
	})
}

// Rounds ask for what is used, and nobody asks twice at once.
func TestRecheck_WhoIsAskedForWhen(t *testing.T) {
	inRounds(t, 2000, func(t *testing.T, c *cache, db *crew, _ *storetest.Log) {
		c.use(t, 3, 3*time.Second)
		after(3 * time.Second)
		db.since()
		after(time.Minute)
		if n := db.since(); n != 0 {
			t.Errorf("%d questions for nobody", n)
		}
		// Fifty requests come at once after the pause: one question, which all wait for.
		db.answersAfter(10 * time.Millisecond)
		var requests sync.WaitGroup
		for range 50 {
			requests.Go(func() {
				if s, err := c.Find(t.Context(), numbered(0), time.Now()); err != nil || s.User != "alice" {
					t.Error(s, err)
				}
			})
		}
		requests.Wait()
		if n := db.since(); n != 1 {
			t.Errorf("%d questions for one session", n)
		}
		if _, err := c.Find(t.Context(), numbered(0), time.Now()); err != nil || db.since() != 0 {
			t.Error("it is asked for again at once")
		}
		// Nor does a round ask for what a request has asked for a moment ago.
		c.nextRound(t)
		db.since()
		after(700 * time.Millisecond)
		for range 3 {
			if _, err := c.Find(t.Context(), numbered(1), time.Now()); err != nil {
				t.Error(err)
			}
		}
		if n := db.since(); n != 1 {
			t.Errorf("%d questions for a session that was not used lately", n)
		}
		if after(400 * time.Millisecond); db.since() != 0 {
			t.Error("the round has asked for it again")
		}
		// One that has ended is asked for once, too.
		after(time.Minute)
		db.tell(saying(nil, format.ErrUnknown))
		if _, err := c.Find(t.Context(), numbered(0), time.Now()); !errors.Is(err, format.ErrUnknown) || db.since() != 1 {
			t.Error("it is asked for twice, or not at all", err)
		}
	})
}

// A session that another node has kept alive is said to be expired for a moment only.
func TestRecheck_ExpiredIsNotUnknown(t *testing.T) {
	inRounds(t, 2000, func(t *testing.T, c *cache, db *crew, _ *storetest.Log) {
		c.negative = true
		living := db.say
		c.use(t, 1, 200*time.Millisecond)
		db.tell(saying(nil, format.ErrExpired))
		c.nextRound(t)
		db.tell(living)
		if _, err := c.Find(t.Context(), numbered(0), time.Now()); err != nil {
			t.Error(err)
		}
	})
}

// The database goes away: who is in memory is served, and it is not asked for everybody.
func TestF2_RoundsLeaveADatabaseAloneThatDoesNotAnswer(t *testing.T) {
	const sessions = 2000
	inRounds(t, 100_000, func(t *testing.T, c *cache, db *crew, _ *storetest.Log) {
		c.use(t, sessions, 200*time.Millisecond)
		db.since()
		db.tell(saying(nil, store.ErrUnavailable))
		db.answersAfter(10 * time.Millisecond)
		after(1200 * time.Millisecond)
		if n := db.since(); n == 0 || n > recheckers {
			t.Errorf("a round asked for %d of %d sessions", n, sessions)
		}
		for _, d := range []time.Duration{0, time.Minute} { // memory will do; and where it is too old, it is all there is
			after(d)
			if s, err := c.Find(t.Context(), numbered(0), time.Now()); err != nil || s.User != "alice" {
				t.Error(s, err)
			}
		}
		db.tell(saying(nil, format.ErrUnknown))
		after(time.Minute)
		if s, err := c.Find(t.Context(), numbered(0), time.Now()); !errors.Is(err, format.ErrUnknown) {
			t.Error(s, err)
		}
	})
}

func TestF1_AQuestionThatPanicsEndsNothing(t *testing.T) {
	inRounds(t, 2000, func(t *testing.T, c *cache, db *crew, log *storetest.Log) {
		c.use(t, 4, 200*time.Millisecond)
		var others atomic.Int64
		living := db.say
		db.tell(func(key store.Key) (*Session, error) {
			if key == numbered(0).Key {
				panic("asked")
			}
			others.Add(1)
			return living(key)
		})
		after(1200 * time.Millisecond)
		if others.Load() == 0 {
			t.Error("the others were not asked for")
		}
		if n := strings.Count(log.String(), "panicked"); n != 1 {
			t.Errorf("the log says so %d times: %s", n, log)
		}
	})
}

// More sessions make rounds longer, and the database no busier.
func TestRecheck_ARoundIsSpread(t *testing.T) {
	const sessions, most = 3000, 500
	inRounds(t, most, func(t *testing.T, c *cache, db *crew, _ *storetest.Log) {
		c.use(t, sessions, 200*time.Millisecond)
		after(1000 * time.Millisecond) // the first round has begun
		db.since()
		for i := range 4 {
			after(time.Second)
			if n := db.since(); n > most+recheckPiece || n < most-recheckPiece {
				t.Errorf("second %d: %d questions, at most %d are to be", i, n, most)
			}
		}
		// Meanwhile memory will do for as long as the round takes.
		if _, err := c.Find(t.Context(), numbered(sessions-1), time.Now()); err != nil || db.since() != 0 {
			t.Error("a request had to wait", err)
		}
		c.again.close()
		if after(time.Millisecond); db.since() > recheckPiece {
			t.Error("a closed realm asks for all the others at once")
		}
		if after(10 * time.Second); db.since() != 0 {
			t.Error("a closed realm asks on")
		}
		c.again.closed = make(chan struct{}) // for the bubble's own end
	})
}

// What another answer says is served at once, and is what counts from then on.
func TestRecheck_AChangedSessionTakesThePlaceOfTheOld(t *testing.T) {
	for name, how := range map[string]func(*cache, *testing.T){
		"by a round":   func(c *cache, t *testing.T) { c.use(t, 1, 2*time.Second) },
		"by a request": func(*cache, *testing.T) { after(time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			inRounds(t, 2000, func(t *testing.T, c *cache, db *crew, _ *storetest.Log) {
				c.use(t, 1, 200*time.Millisecond)
				db.tell(func(store.Key) (*Session, error) {
					s := alice()
					s.User = "bob"
					return s, nil
				})
				how(c, t)
				db.since()
				s, err := c.Find(t.Context(), numbered(0), time.Now())
				if err != nil || s.User != "bob" {
					t.Fatal(s, err)
				}
				if n := db.since(); n > 1 {
					t.Errorf("%d questions for one request", n)
				}
				for range 2 { // the second is served from memory
					db.since()
					_, _ = c.Find(t.Context(), numbered(0), time.Now())
				}
				if n := db.since(); n != 0 {
					t.Errorf("%d questions for what was just asked for", n)
				}
				c.invalidateUser("bob")
				db.tell(saying(nil, format.ErrUnknown))
				if s, err := c.Find(t.Context(), numbered(0), time.Now()); !errors.Is(err, format.ErrUnknown) {
					t.Error(s, err)
				}
			})
		})
	}
}

// A logout here while the database is asked counts, whatever that says.
func TestS3_AnAnswerToARequestDoesNotBringBackWhatHasEnded(t *testing.T) {
	for _, then := range []error{format.ErrUnknown, store.ErrUnavailable} {
		inRounds(t, 2000, func(t *testing.T, c *cache, db *crew, _ *storetest.Log) {
			c.use(t, 1, 100*time.Millisecond)
			after(time.Minute)
			ended := false
			db.tell(func(store.Key) (*Session, error) {
				if ended {
					return nil, then
				}
				ended = true
				s := alice() // on its way
				c.invalidateUser("alice")
				return s, nil
			})
			if s, err := c.Find(t.Context(), numbered(0), time.Now()); s != nil || !errors.Is(err, then) {
				t.Errorf("%v %v, want %v", s, err, then)
			}
		})
	}
}

// Another node notes activity: the session is not idle here either.
func TestRecheck_ActivityElsewhereKeepsASessionAlive(t *testing.T) {
	inRounds(t, 2000, func(t *testing.T, c *cache, db *crew, _ *storetest.Log) {
		for range 8 {
			c.use(t, 1, 2*time.Second)
			after(20 * time.Minute)
		}
		s, _ := c.live.GetIfPresent(numbered(0).Key)
		if s == nil || !c.serves(s, time.Now().Add(30*time.Minute)) {
			t.Errorf("it is idle: %v", s)
		}
	})
}

func TestRecheckCap(t *testing.T) {
	for database, want := range map[string]int{"sqlite": 2000, "postgres": 2000, "mysql": 500} {
		if got := recheckCap(database); got != want {
			t.Errorf("%s: %d", database, got)
		}
	}
	for every, want := range map[time.Duration]string{100 * time.Millisecond: "500ms", time.Second: "500ms", 4 * time.Second: "2s", time.Minute: "10s"} {
		synctest.Test(t, func(t *testing.T) {
			r := newRecheck(&Realm{streams: new(streams)}, nil, 1, Settings{Recheck: every, Store: store.Settings{LookupTimeout: 10 * time.Second}}, slog.New(slog.DiscardHandler))
			defer close(r.closed)
			if got := fmt.Sprint(r.slack); got != want || r.window.Load() != (every+r.slack).Milliseconds() {
				t.Errorf("every %v: %s later, window %d ms", every, got, r.window.Load())
			}
		})
	}
}
