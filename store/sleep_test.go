package store

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// counting counts the statements that go through a pool.
type counting struct {
	pool
	statements atomic.Int64
}

func (c *counting) exec(ctx context.Context, text string, args ...any) (int64, error) {
	c.statements.Add(1)
	return c.pool.exec(ctx, text, args...)
}

func (c *counting) query(ctx context.Context, text string, args []any, each func(scan) error) error {
	c.statements.Add(1)
	return c.pool.query(ctx, text, args, each)
}

func (c *counting) find(ctx context.Context, text string, arg any, dest []any) (bool, error) {
	c.statements.Add(1)
	return c.pool.find(ctx, text, arg, dest)
}

func (c *counting) inTx(ctx context.Context, do func(runner) error) error {
	c.statements.Add(1)
	return c.pool.inTx(ctx, do)
}

// countStatements has the statements of a store counted that begin from now on.
func countStatements(s *Store) *counting {
	l := s.live.Load()
	c := &counting{pool: l.pool}
	with := &live{pool: c}
	with.keys.Store(l.keys.Load())
	s.live.Store(with)
	return c
}

// Nobody has used a session for a while: no statement is sent, until somebody does.
func TestADatabaseMaySleep(t *testing.T) {
	before := rests
	t.Cleanup(func() { rests = before })
	rests.after, rests.round = 300*time.Millisecond, 20*time.Millisecond
	storetest.Each(t, func(t *testing.T, url string) {
		s, err := New(Settings{URL: url}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close() // before the pauses are as they were
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		c := countStatements(s)
		x := s.Sessions("main", time.Hour, time.Hour)
		token, session, err := x.Create(t.Context(), NewSession{Identity: Identity{User: "alice"}}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		x.Touch(session.Key, time.Now().Add(time.Minute)) // which is written first
		for range 2 {
			began := c.statements.Load()
			if _, ok, err := s.Verify("main", "", token); !ok || err != nil {
				t.Fatal(ok, err)
			}
			storetest.Eventually(t, "the keys are read", func() bool { return c.statements.Load() > began+2 })
			storetest.Eventually(t, "the store rests", func() bool {
				asked := c.statements.Load()
				<-time.After(5 * rests.after)
				return c.statements.Load() == asked
			})
		}
	})
}

// While all rested the clock was set back: the next use ends the rest all the same.
func TestAClockThatIsSetBackEndsTheRest(t *testing.T) {
	var s Store
	rest := s.usage.waking()
	if rest == nil {
		t.Fatal("there is no rest")
	}
	s.usage.last.Store(time.Now().Add(time.Hour).UnixMilli())
	s.use()
	select {
	case <-rest:
	default:
		t.Error("it goes on")
	}
}
