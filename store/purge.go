package store

import (
	"context"
	"math"
	"math/rand/v2"
	"time"
)

const (
	purgePatience = 30 * time.Second // for one batch
	purgePause    = 4                // times as long as the batch took: four fifths of the time are for the others
)

// Purge deletes all sessions that have reached the end of their lifetime, and
// returns how many those were. Those that were idle for too long stay: how long
// that is only their realm knows, see [Sessions.Purge]. It ends with ctx, and says
// then how many it has deleted so far.
func (s *Store) Purge(ctx context.Context, now time.Time) (int64, error) {
	return s.purge(ctx, s.expired(now))
}

// batch deletes the next few rows, and reports whether there may be more.
type batch func(context.Context, runner) (n int64, more bool, err error)

// purge runs a batch after another, with pauses in which lookups and logins
// get their turn. Several nodes may be at it: who deletes what another one does at
// the same moment tries that batch again.
func (s *Store) purge(ctx context.Context, next batch) (total int64, err error) {
	l := s.live.Load()
	if l == nil {
		return 0, s.errNotReady("purging sessions")
	}
	for ctx.Err() == nil {
		began := time.Now()
		n, more, err := s.purgeBatch(ctx, l.pool, next)
		if err != nil {
			return total, s.unavailable("purging sessions", err)
		}
		total += n
		if !more {
			return total, nil
		}
		select {
		case <-time.After(purgePause * time.Since(began)):
		case <-ctx.Done():
		}
	}
	return total, ctx.Err()
}

func (s *Store) purgeBatch(ctx context.Context, p pool, next batch) (n int64, more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, purgePatience)
	defer cancel()
	err = s.persist(ctx, func() (err error) {
		n, more, err = next(ctx, p)
		return err
	})
	return n, more, err
}

// expired deletes along the index. Each batch begins where the one before has
// ended: what was deleted stays in a server's index for a while, and walking
// over it each time would take longer than deleting.
func (s *Store) expired(now time.Time) batch {
	after, end := int64(math.MinInt64), now.UnixMilli()
	return func(ctx context.Context, r runner) (n int64, more bool, err error) {
		bound := end
		if more, err = one(ctx, r, s.own(expiredBound), []any{after, end}, &bound); err != nil {
			return 0, false, err
		}
		if n, err = r.exec(ctx, s.own(deleteExpired), after, bound); err == nil {
			after = bound
		}
		return n, more, err
	}
}

// purgeRegularly purges every minute, on each node at another moment of it, while
// sessions are used.
func (s *Store) purgeRegularly() {
	var w walk
	for s.pauseInUse(rests.round/2 + rand.N(rests.round)) {
		n, err := s.purgeRound(s.life.ctx, &w)
		switch {
		case s.life.ctx.Err() != nil:
			return
		case err != nil:
			s.log.Warn("purging expired sessions", "error", oneLine(err))
		case n > 0:
			s.log.Debug("purged expired sessions", "sessions", n)
		}
	}
}

// purgeRound deletes what has expired, and what is idle in the next part of
// the table, where this node is the one to do so.
func (s *Store) purgeRound(ctx context.Context, w *walk) (int64, error) {
	now := s.now()
	if mine, err := s.lease(ctx, "purge"); err != nil || !mine {
		return 0, err
	}
	expired, err := s.purge(ctx, s.expired(now))
	if err != nil {
		return expired, err
	}
	w.limits, w.chunks = s.idleLimits(now, s.idle.realms()...), chunksPerRound
	idle, err := s.purgeIdle(ctx, w)
	return expired + idle, err
}
