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
	flushBatch    = 1000            // rows a transaction, so that logins need not wait long
	joinRows      = 100             // a statement where they are joined: more are not faster
	closePatience = 2 * time.Second // for the last notes
)

// activity is when sessions were last used, as far as it is not written yet.
type activity struct {
	mu      sync.Mutex
	pending map[Key]note
	taken   map[Key]note // those that are being written

	writing sync.Mutex // one flush at a time
	failing bool       // the last write failed; guarded by writing
}

// note is that a session was used; in Unix milliseconds.
type note struct {
	seen  int64
	stale int64 // a row that says this or earlier is written, and no other
}

// add keeps the latest note of each session.
func (a *activity) add(key Key, n note) {
	a.mu.Lock()
	defer a.mu.Unlock()
	known, ok := a.pending[key]
	if ok && known.seen < n.seen || !ok && len(a.pending) < maxPending {
		a.pending[key] = n
	}
}

// take empties the notes.
func (a *activity) take() map[Key]note {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.pending) == 0 {
		return nil
	}
	a.taken = a.pending
	a.pending = make(map[Key]note)
	return a.taken
}

// written ends what take has begun.
func (a *activity) written() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.taken = nil
}

// upToDate returns a row as it will be when what is noted has been written: a
// session that is in use must not be taken for idle since its database was away.
func (a *activity) upToDate(row *Row, key Key) *Row {
	a.mu.Lock()
	defer a.mu.Unlock()
	n, ok := a.pending[key]
	if !ok {
		n, ok = a.taken[key]
	}
	if row == nil || !ok || n.seen <= row.Seen {
		return row
	}
	own := *row // others may have got the same
	own.Seen = n.seen
	return &own
}

// writeActivity writes the notes until the store is closed, and the last ones then.
func (s *Store) writeActivity() {
	for s.pause(flushInterval) {
		_ = s.flush(s.life.ctx) // the notes are kept
	}
	ctx, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	_ = s.flush(ctx)
}

// flush writes all notes. Those that cannot be written are kept for the next time.
func (s *Store) flush(ctx context.Context) error {
	s.activity.writing.Lock()
	defer s.activity.writing.Unlock()
	notes := s.activity.take()
	defer s.activity.written()
	// In one order on every node: two transactions that update the same rows
	// in different orders would wait for each other for ever.
	keys := slices.SortedFunc(maps.Keys(notes), func(a, b Key) int { return bytes.Compare(a[:], b[:]) })
	for batch := range slices.Chunk(keys, flushBatch) {
		if err := s.touch(ctx, batch, notes); err != nil {
			s.keep(ctx, keys, notes, err)
			return err
		}
		s.activity.failing = false
	}
	return nil
}

func (s *Store) touch(ctx context.Context, keys []Key, notes map[Key]note) error {
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
		if s.dialect.updatesJoins {
			return s.touchJoined(ctx, r, keys, notes)
		}
		return s.touchEach(ctx, r, keys, notes)
	})
}

// touchAtOnce writes a batch in one statement, which takes a tenth of the time.
func (s *Store) touchAtOnce(ctx context.Context, r runner, keys []Key, notes map[Key]note) error {
	numbers, raw := make([]int64, len(keys)), make([][]byte, len(keys))
	seen, stale := make([]int64, len(keys)), make([]int64, len(keys))
	for i := range keys {
		n := notes[keys[i]]
		numbers[i], raw[i], seen[i], stale[i] = keys[i].number(), keys[i][:], n.seen, n.stale
	}
	_, err := r.exec(ctx, s.own(touchSessions), numbers, raw, seen, stale)
	return err
}

// touchJoined writes many rows with each statement. The texts depend on the
// number of rows, so they are not among those that are kept: they are prepared
// for this transaction only.
func (s *Store) touchJoined(ctx context.Context, r runner, keys []Key, notes map[Key]note) error {
	for some := range slices.Chunk(keys, joinRows) {
		args := make([]any, 0, 4*len(some))
		for i := range some {
			n := notes[some[i]]
			args = append(args, some[i].number(), some[i][:], n.seen, n.stale)
		}
		if _, err := r.exec(ctx, s.names.Replace(touchJoin(len(some))), args...); err != nil {
			return err
		}
	}
	return nil
}

// touchEach is for a database that is in this process: there are no round
// trips to save.
func (s *Store) touchEach(ctx context.Context, r runner, keys []Key, notes map[Key]note) error {
	for i := range keys {
		n := notes[keys[i]]
		if _, err := r.exec(ctx, s.own(touchSession), n.seen, keys[i].number(), keys[i][:], n.stale, n.seen); err != nil {
			return err
		}
	}
	return nil
}

// keep puts notes back. Writing one twice changes nothing.
func (s *Store) keep(ctx context.Context, keys []Key, notes map[Key]note, err error) {
	if !s.activity.failing && ctx.Err() == nil {
		// Once is enough: this happens every second while the database is away.
		s.log.Warn("writing when sessions were last used; trying on", "error", oneLine(err), "sessions", len(keys))
		s.activity.failing = true
	}
	for _, key := range keys {
		s.activity.add(key, notes[key])
	}
}
