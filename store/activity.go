package store

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

const (
	maxPending    = 100_000         // notes; beyond, new ones are lost rather than memory
	flushInterval = time.Second     // at most one write a second
	flushBatch    = 500             // rows a transaction, so that logins need not wait long
	closePatience = 2 * time.Second // for the last notes
)

// activity is when sessions were last used, as far as it is not written yet.
type activity struct {
	mu      sync.Mutex
	pending map[Key]int64 // Unix milliseconds

	failing bool // the last write failed; only the writer looks
}

// note keeps the latest time for each session.
func (a *activity) note(key Key, seen int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if known, ok := a.pending[key]; ok || len(a.pending) < maxPending {
		a.pending[key] = max(known, seen)
	}
}

// take empties the notes.
func (a *activity) take() map[Key]int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.pending) == 0 {
		return nil
	}
	taken := a.pending
	a.pending = make(map[Key]int64)
	return taken
}

// writeActivity writes the notes until the store is closed, and the last ones then.
func (s *Store) writeActivity() {
	for s.pause(flushInterval) {
		s.flush(s.life.ctx)
	}
	ctx, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	s.flush(ctx)
}

// flush writes all notes. Those that cannot be written are kept for the next time.
func (s *Store) flush(ctx context.Context) {
	notes := s.activity.take()
	// In one order on every node: two transactions that update the same rows
	// in different orders would wait for each other for ever.
	keys := slices.SortedFunc(maps.Keys(notes), func(a, b Key) int { return bytes.Compare(a[:], b[:]) })
	for batch := range slices.Chunk(keys, flushBatch) {
		if err := s.touch(ctx, batch, notes); err != nil {
			s.keep(ctx, keys, notes, err)
			return
		}
		s.activity.failing = false
	}
}

func (s *Store) touch(ctx context.Context, keys []Key, notes map[Key]int64) error {
	l := s.live.Load()
	if l == nil {
		return ErrUnavailable
	}
	ctx, cancel := context.WithTimeout(ctx, writePatience*s.settings.LookupTimeout)
	defer cancel()
	if s.dialect.hasArrays {
		return s.touchAtOnce(ctx, l.pool, keys, notes)
	}
	return l.pool.inTx(ctx, func(r runner) error {
		for _, key := range keys {
			if _, err := r.exec(ctx, s.own(touchSession), notes[key], key[:], notes[key], notes[key]); err != nil {
				return err
			}
		}
		return nil
	})
}

// touchAtOnce writes a batch in one statement, which takes a tenth of the time.
func (s *Store) touchAtOnce(ctx context.Context, r runner, keys []Key, notes map[Key]int64) error {
	raw, seen := make([][]byte, len(keys)), make([]int64, len(keys))
	for i := range keys {
		raw[i], seen[i] = keys[i][:], notes[keys[i]]
	}
	_, err := r.exec(ctx, s.own(touchSessions), raw, seen)
	return err
}

// keep puts notes back. Writing one twice changes nothing.
func (s *Store) keep(ctx context.Context, keys []Key, notes map[Key]int64, err error) {
	if !s.activity.failing && ctx.Err() == nil {
		// Once is enough: this happens every second while the database is away.
		s.log.Warn("writing when sessions were last used; trying on", "error", oneLine(err), "sessions", len(keys))
		s.activity.failing = true
	}
	for _, key := range keys {
		s.activity.note(key, notes[key])
	}
}
