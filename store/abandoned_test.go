package store

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// lossy is a pool whose commits happen, and whose answers to them get lost.
type lossy struct {
	pool
	loses atomic.Bool
	late  bool // they happen after the client has asked for the row to be deleted
	held  chan func()
}

func (p *lossy) inTx(ctx context.Context, do func(runner) error) error {
	switch {
	case !p.loses.Load():
		return p.pool.inTx(ctx, do)
	case p.late:
		return errors.Join(do(&postponed{p: p}), io.ErrUnexpectedEOF)
	}
	return errors.Join(p.pool.inTx(ctx, do), io.ErrUnexpectedEOF)
}

// postponed runs what it is told to later.
type postponed struct {
	runner
	p *lossy
}

func (r *postponed) exec(_ context.Context, text string, args ...any) (int64, error) {
	r.p.held <- func() { _, _ = r.p.pool.exec(context.Background(), text, args...) }
	return 1, nil
}

func (p *lossy) exec(ctx context.Context, text string, args ...any) (int64, error) {
	n, err := p.pool.exec(ctx, text, args...)
	select {
	case commit := <-p.held:
		commit()
	default:
	}
	return n, err
}

// startLossy is a store over such a pool, and sessions in it.
func startLossy(t *testing.T, url string, late bool) (*Store, *Sessions, *lossy) {
	t.Helper()
	s, err := New(Settings{URL: url}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.StartNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	was := s.live.Load()
	p := &lossy{pool: was.pool, late: late, held: make(chan func(), 100)}
	l := &live{pool: p}
	l.keys.Store(was.keys.Load())
	s.live.Store(l)
	return s, s.Sessions("main", time.Hour, 24*time.Hour), p
}

// counted are the sessions that there are.
func counted(t *testing.T, x *Sessions) int64 {
	t.Helper()
	n, err := x.Count(t.Context(), "", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func tryLogin(t *testing.T, x *Sessions) error {
	t.Helper()
	_, _, err := x.Create(t.Context(), NewSession{Identity: Identity{User: "alice"}}, time.Now())
	return err
}

// A login that was answered with an error leaves no session behind, whether its
// commit had happened or was still on its way. Those that were answered stay.
func TestD5_AFailedLoginLeavesNoSession(t *testing.T) {
	for name, late := range map[string]bool{"the answer is lost": false, "the commit is late": true} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, url string) {
				s, x, p := startLossy(t, url, late)
				if err := tryLogin(t, x); err != nil {
					t.Fatal(err)
				}
				p.loses.Store(true)
				for range 5 {
					if err := tryLogin(t, x); !errors.Is(err, ErrUnavailable) {
						t.Fatal(err)
					}
				}
				if n := counted(t, x); !late && n != 6 {
					t.Fatalf("%d sessions: the story needs the rows", n)
				}
				p.loses.Store(false)
				if err := tryLogin(t, x); err != nil {
					t.Fatal(err)
				}
				storetest.Eventually(t, "the sessions are ended", func() bool {
					s.abandoned.mu.Lock()
					defer s.abandoned.mu.Unlock()
					return len(s.abandoned.keys) == 0
				})
				if n := counted(t, x); n != 2 || len(p.held) > 0 {
					t.Errorf("%d sessions, want the two that were answered; %d commits are on their way", n, len(p.held))
				}
			})
		})
	}
}

// A store that closes ends them before it goes.
func TestD5_AClosingStoreEndsWhatFailed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s, x, p := startLossy(t, url, false)
		p.loses.Store(true)
		if err := tryLogin(t, x); err == nil {
			t.Fatal("the login is answered")
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		_, after, _ := startLossy(t, url, false)
		if n := counted(t, after); n != 0 {
			t.Errorf("%d sessions are left", n)
		}
	})
}

// The memory is bounded in number and time, and pauses become longer.
func TestD5_WhatFailedIsNotTriedForEver(t *testing.T) {
	s, err := New(Settings{URL: storetest.SQLite(t)}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	now := time.Now()
	row := func(i int, ends time.Duration) *Row {
		return &Row{Key: append(make([]byte, 30), byte(i>>8), byte(i)), Realm: "main", Expires: now.Add(ends).UnixMilli()}
	}
	for i := range maxAbandoned + 5 {
		s.abandon(row(i, 24*time.Hour))
	}
	a := &s.abandoned
	if len(a.keys) != maxAbandoned {
		t.Errorf("%d are remembered", len(a.keys))
	}
	clear(a.keys)
	s.abandon(row(1, 24*time.Hour))
	tries := 0
	for at := now; len(a.keys) > 0 && at.Before(now.Add(time.Hour)); at = at.Add(time.Second) {
		for key, l := range a.due(at) {
			a.tried(key, l, 0, at)
			tries++
		}
	}
	if len(a.keys) > 0 || tries < 8 || tries > 15 {
		t.Errorf("%d tries, %d are left", tries, len(a.keys))
	}
	s.abandon(row(2, time.Minute))
	for key, l := range a.due(now) {
		a.tried(key, l, 0, now.Add(2*time.Minute))
	}
	if len(a.keys) > 0 {
		t.Error("a row that is over by itself is tried again")
	}
}
