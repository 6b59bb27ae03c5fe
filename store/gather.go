package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// gatherer has lookups that come at the same time go in one statement. While
// few are under way each goes by itself, and waits for nothing. Those that come
// beyond wait until one of these has ended, and then go together: a server
// answers many keys at once in little more time than one.
type gatherer struct {
	patience time.Duration // of each lookup, the wait for others included
	one      func(key Key, until time.Time) (*Row, error)
	many     func(keys []Key, until time.Time) (map[Key]*Row, error)
	isAway   func(error) bool // the database does not answer

	mu      sync.Mutex
	running int       // statements under way
	waiting []*lookup // oldest first; empty while there is a free place
}

const (
	// maxRunning is how many statements are under way at a time. More would
	// only share the server's time among them.
	maxRunning = 2
	// maxGathered bounds a statement, so that nobody's answer waits for many others'.
	maxGathered = 64
)

// lookup is one that waits.
type lookup struct {
	key   Key
	until time.Time
	lead  chan []*lookup // it is to ask for all of these; closed: it has been answered
	row   *Row
	err   error
}

var (
	errUnanswered = fmt.Errorf("finding a session: %w: the lookup was given up", ErrUnavailable)
	errLate       = fmt.Errorf("finding a session: %w: waiting for other lookups: %w", ErrUnavailable, ErrOverload)
)

// find returns the row with a key, or nil.
func (g *gatherer) find(key Key) (*Row, error) {
	until := time.Now().Add(g.patience)
	g.mu.Lock()
	if g.running < maxRunning {
		g.running++
		g.mu.Unlock()
		defer g.next()
		return g.one(key, until)
	}
	l := &lookup{key: key, until: until, lead: make(chan []*lookup, 1), err: errUnanswered}
	g.waiting = append(g.waiting, l)
	g.mu.Unlock()
	timer := time.NewTimer(g.patience)
	defer timer.Stop()
	select {
	case batch, ok := <-l.lead:
		return g.led(l, batch, ok)
	case <-timer.C:
		return g.leave(l)
	}
}

// led returns what a lookup has got, or gets by asking for a batch.
func (g *gatherer) led(l *lookup, batch []*lookup, ok bool) (*Row, error) {
	if ok {
		g.answer(batch)
	}
	return l.row, l.err
}

// leave gives up a lookup that has waited for too long. If it is its turn to ask
// for others just now, it does.
func (g *gatherer) leave(l *lookup) (*Row, error) {
	g.mu.Lock()
	if i := slices.Index(g.waiting, l); i >= 0 {
		g.waiting = slices.Delete(g.waiting, i, i+1)
	}
	g.mu.Unlock()
	select {
	case batch, ok := <-l.lead:
		return g.led(l, batch, ok)
	default:
		return nil, errLate
	}
}

// next gives the place of a statement that has ended to those who wait. The
// last of them asks for all: it has the most time left, and who has an answer
// already need not stay.
func (g *gatherer) next() {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), maxGathered)
	if n == 0 {
		g.running--
		return
	}
	batch := g.waiting[:n:n]
	if g.waiting = g.waiting[n:]; len(g.waiting) == 0 {
		g.waiting = nil // or its array would keep the rows of those who have gone
	}
	batch[n-1].lead <- batch
}

// answer asks for all keys of a batch. Whatever happens, nobody is left waiting.
func (g *gatherer) answer(batch []*lookup) {
	defer g.next()
	defer func() {
		for _, l := range batch {
			close(l.lead)
		}
	}()
	until := batch[len(batch)-1].until
	keys := make([]Key, len(batch))
	for i, l := range batch {
		keys[i] = l.key
	}
	var rows map[Key]*Row
	var err error
	if len(batch) > 1 {
		rows, err = g.many(keys, until)
	}
	for _, l := range batch {
		if len(batch) == 1 || err != nil && !g.isAway(err) {
			// Also where some row makes the statement fail: each has its own outcome.
			l.row, l.err = g.one(l.key, until)
		} else {
			l.row, l.err = rows[l.key], err
		}
	}
}

// Find returns the row with a key, or nil if there is none. It finds those of
// other realms and those that have ended, too: who asks has to look at the row,
// and must not change it, since others may have got the same. It knows of uses
// that are noted but not written yet. A lookup takes no longer than the
// LookupTimeout, and ends by nothing else.
func (x *Sessions) Find(key Key) (row *Row, err error) {
	if x.store.ownFile() {
		row, err = x.store.findOne(context.Background(), key) // there is no way to a server to share
	} else {
		row, err = x.store.lookups.find(key)
		err = x.store.at(err)
	}
	return x.store.activity.upToDate(row, key), err
}

// FindMany is Find for many keys in one statement: those that have a row. It fails as
// a whole, also where one of the rows cannot be read.
func (x *Sessions) FindMany(keys []Key) (map[Key]*Row, error) {
	rows, err := x.store.findMany(keys, time.Now().Add(x.store.settings.LookupTimeout))
	if err != nil {
		return nil, x.store.at(err)
	}
	for key, row := range rows {
		rows[key] = x.store.activity.upToDate(row, key)
	}
	return rows, nil
}

// findOne asks for one row by the plain statement. One with the same number and
// another key is somebody else's.
func (s *Store) findOne(ctx context.Context, key Key) (*Row, error) {
	row := new(Row)
	found, err := s.find(ctx, Query{s.own(findSession)}, key.number(), row.hotColumns())
	if !found || string(row.Key) != string(key[:]) {
		row = nil
	}
	return row, err
}

func (s *Store) findOneUntil(key Key, until time.Time) (*Row, error) {
	ctx, cancel := context.WithDeadline(context.Background(), until)
	defer cancel()
	return s.findOne(ctx, key)
}

// findMany asks for many rows at once.
func (s *Store) findMany(keys []Key, until time.Time) (map[Key]*Row, error) {
	l := s.live.Load()
	if l == nil {
		return nil, s.errNotReady("finding sessions")
	}
	ctx, cancel := context.WithDeadline(context.Background(), until)
	defer cancel()
	text, args := s.oneOf(keys)
	rows := make(map[Key]*Row, len(keys))
	each := func(scan scan) error {
		row := new(Row)
		if err := scan(row.hotColumns()...); err != nil {
			return err
		}
		if len(row.Key) == len(Key{}) {
			rows[Key(row.Key)] = row
		}
		return nil
	}
	err := l.pool.query(ctx, s.own(findSessions+text), args, each)
	for s.askAgain(ctx, err) {
		err = l.pool.query(ctx, s.own(findSessions+text), args, each)
	}
	if err != nil {
		return nil, s.unavailable("finding sessions", err)
	}
	return rows, nil
}

// oneOf is the condition that a column is the number of one of keys. Where there are no
// arrays it has as many parameters as the next power of two, so that there are
// few such statements to prepare.
func (s *Store) oneOf(keys []Key) (text string, args []any) {
	if s.dialect.hasArrays {
		numbers := make([]int64, len(keys))
		for i, key := range keys {
			numbers[i] = key.number()
		}
		return ` = ANY(?::bigint[])`, []any{numbers}
	}
	n := 2
	for n < len(keys) {
		n *= 2
	}
	args = make([]any, n)
	for i := range args {
		args[i] = keys[min(i, len(keys)-1)].number()
	}
	return ` IN (?` + strings.Repeat(`, ?`, n-1) + `)`, args
}
