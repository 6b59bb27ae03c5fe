package store

import (
	"context"
	"math/rand/v2"
	"time"
)

// purgePatience bounds one batch.
const purgePatience = 30 * time.Second

// Purge deletes all sessions that have expired, and returns how many those
// were. It does so in batches, so that lookups and logins get their turn.
func (s *Store) Purge(ctx context.Context, now time.Time) (int64, error) {
	return s.purge(ctx, now, true)
}

// purge gives up without wait when another node is at it already.
func (s *Store) purge(ctx context.Context, now time.Time, wait bool) (total int64, err error) {
	l := s.live.Load()
	if l == nil {
		return 0, errNotReady("purging sessions")
	}
	for ctx.Err() == nil {
		began := time.Now()
		n, more, err := s.purgeBatch(ctx, l.pool, now.UnixMilli(), wait)
		total += n
		if err != nil {
			return total, unavailable("purging sessions", err)
		}
		if !more {
			return total, nil
		}
		select { // half of the time is for the others
		case <-time.After(time.Since(began)):
		case <-ctx.Done():
		}
	}
	return total, ctx.Err()
}

func (s *Store) purgeBatch(ctx context.Context, p pool, now int64, wait bool) (n int64, more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, purgePatience)
	defer cancel()
	_, err = p.locked(ctx, s.lockName("purge"), wait, func(r runner) error {
		bound := now
		if more, err = one(ctx, r, s.own(purgeBound), []any{now}, &bound); err != nil {
			return err
		}
		n, err = r.exec(ctx, s.own(purgeBatch), bound)
		return err
	})
	return n, more, err
}

// lockName names a lock that the nodes of this store share, and nobody else's.
func (s *Store) lockName(work string) string {
	return s.settings.Schema + "." + s.settings.TablePrefix + "." + work
}

// purgeRegularly purges every minute, on each node at another moment of it.
func (s *Store) purgeRegularly() {
	for s.pause(time.Minute/2 + rand.N(time.Minute)) {
		n, err := s.purge(s.life.ctx, s.now(), false)
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
