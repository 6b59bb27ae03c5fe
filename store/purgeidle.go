package store

import (
	"context"
	"maps"
	"math"
	"slices"
	"sync"
	"time"
)

const (
	// chunksPerRound bounds what a round in the background looks at, whatever
	// the size of the table: 100,000 rows.
	chunksPerRound = 100
	// idleMargin is how much later than others a node may write that a session
	// was used, and how much its clock may be off.
	idleMargin = time.Minute
)

// idleTimes remembers how long a realm's sessions may be idle: the longest that
// it was ever told, so that no configuration's live session is purged.
type idleTimes struct {
	mu      sync.Mutex
	longest map[string]time.Duration // by realm
}

func (i *idleTimes) tell(realm string, idle time.Duration) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.longest[realm] = max(i.longest[realm], idle)
}

func (i *idleTimes) of(realm string) time.Duration {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.longest[realm]
}

// realms are all that are known. The sessions of others are nobody's to judge.
func (i *idleTimes) realms() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Sorted(maps.Keys(i.longest))
}

// idleLimit is when a realm's sessions must have been used last to be purged.
type idleLimit struct {
	realm string
	seen  int64 // Unix milliseconds
}

func (s *Store) idleLimits(now time.Time, realms ...string) []idleLimit {
	limits := make([]idleLimit, len(realms))
	for i, realm := range realms {
		idle := s.idle.of(realm)
		limits[i] = idleLimit{realm, now.Add(-idle - touchInterval(idle) - idleMargin).UnixMilli()}
	}
	return limits
}

// Purge deletes all sessions of the store that have reached the end of their
// lifetime, and all of this realm that were idle for too long. It returns how
// many those were. It goes over the whole table, in small steps.
func (x *Sessions) Purge(ctx context.Context, now time.Time) (int64, error) {
	expired, err := x.store.Purge(ctx, now)
	if err != nil {
		return expired, err
	}
	w := &walk{limits: x.store.idleLimits(now, x.realm), chunks: math.MaxInt}
	idle, err := x.store.purgeIdle(ctx, w)
	return expired + idle, err
}

// purgeIdle deletes what is idle in the next part of the table.
func (s *Store) purgeIdle(ctx context.Context, w *walk) (int64, error) {
	// A session may be idle only because the database was away when it was
	// used. What is noted from now on belongs to sessions that are not idle yet.
	if err := s.flush(ctx); err != nil {
		return 0, s.unavailable("purging sessions", err)
	}
	return s.purge(ctx, func(ctx context.Context, r runner) (int64, bool, error) { return w.chunk(ctx, r, s) })
}

// walk goes over the table by its primary key. An index that finds what is idle would
// have to be changed by every write of activity.
type walk struct {
	limits []idleLimit
	after  int64 // the number that the last chunk ended with; 0: begin at the start
	chunks int   // how many there may still be
}

// chunk deletes what is idle among the next rows. After the last ones the next
// walk begins at the start again.
func (w *walk) chunk(ctx context.Context, r runner, s *Store) (n int64, more bool, err error) {
	after, bound := w.after, int64(math.MaxInt64)
	if after == 0 {
		after = -1 // which no session has
	}
	if more, err = one(ctx, r, s.own(walkBound), []any{after}, &bound); err != nil {
		return 0, false, err
	}
	for _, limit := range w.limits {
		deleted, err := r.exec(ctx, s.own(deleteIdle), after, bound, limit.realm, limit.seen)
		if err != nil {
			return 0, false, err
		}
		n += deleted
	}
	w.after = 0
	if more {
		w.after = bound
	}
	w.chunks--
	return n, more && w.chunks > 0, nil
}
