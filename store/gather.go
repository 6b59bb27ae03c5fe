package store

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"
)

// gatherer has lookups that come at the same time go in one statement. While
// few are under way each goes by itself, and waits for nothing. Those that come
// beyond wait until one of these has ended, and then go together: a server
// answers many keys at once in little more time than one.
type gatherer struct {
	one  func(Key) (*Row, error)
	many func(keys []Key, since time.Time) (map[Key]*Row, error)

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
	since time.Time
	lead  chan []*lookup // it is to ask for all of these; closed: it has been answered
	row   *Row
	err   error
}

var errUnanswered = errors.New("the lookup was given up")

// find returns the row with a key, or nil.
func (g *gatherer) find(key Key) (*Row, error) {
	g.mu.Lock()
	if g.running < maxRunning {
		g.running++
		g.mu.Unlock()
		defer g.next()
		return g.one(key)
	}
	l := &lookup{key: key, since: time.Now(), lead: make(chan []*lookup, 1), err: errUnanswered}
	g.waiting = append(g.waiting, l)
	g.mu.Unlock()
	if batch, ok := <-l.lead; ok {
		g.answer(batch)
	}
	return l.row, l.err
}

// next gives the place of a statement that has ended to those who wait. The
// first of them asks for all: who has an answer already need not stay.
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
	batch[0].lead <- batch
}

// answer asks for all keys of a batch. Whatever happens, nobody is left waiting.
func (g *gatherer) answer(batch []*lookup) {
	defer g.next()
	defer func() {
		for _, l := range batch {
			close(l.lead)
		}
	}()
	if len(batch) == 1 {
		batch[0].row, batch[0].err = g.one(batch[0].key)
		return
	}
	keys := make([]Key, len(batch))
	for i, l := range batch {
		keys[i] = l.key
	}
	rows, err := g.many(keys, batch[0].since)
	for _, l := range batch {
		l.row, l.err = rows[l.key], err
	}
}

// Find returns the row with a key, or nil if there is none. It finds those of
// other realms and those that have ended, too: who asks has to look at the row,
// and must not change it, since others may have got the same. A lookup takes no
// longer than the LookupTimeout, and ends by nothing else.
func (x *Sessions) Find(key Key) (*Row, error) {
	if x.store.ownFile() {
		return x.store.findOne(key) // there is no way to a server to share
	}
	return x.store.lookups.find(key)
}

// findOne asks for one row by the plain statement.
func (s *Store) findOne(key Key) (*Row, error) {
	row := new(Row)
	found, err := s.Find(context.Background(), Query{s.own(findSession)}, key[:], row.hotColumns()...)
	if !found {
		row = nil
	}
	return row, err
}

// findMany asks for many rows at once. The first of them has been waiting since
// then.
func (s *Store) findMany(keys []Key, since time.Time) (map[Key]*Row, error) {
	l := s.live.Load()
	if l == nil {
		return nil, errNotReady("finding sessions")
	}
	ctx, cancel := context.WithDeadline(context.Background(), since.Add(s.settings.LookupTimeout))
	defer cancel()
	text, args := s.oneOf(keys)
	rows := make(map[Key]*Row, len(keys))
	err := l.pool.query(ctx, s.own(findSessions+text), args, func(scan scan) error {
		row := new(Row)
		if err := scan(row.hotColumns()...); err != nil {
			return err
		}
		if len(row.Key) == len(Key{}) {
			rows[Key(row.Key)] = row
		}
		return nil
	})
	if err != nil {
		return nil, unavailable("finding sessions", err)
	}
	return rows, nil
}

// oneOf is the condition that a column is one of keys. Where there are no
// arrays it has as many parameters as the next power of two, so that there are
// few such statements to prepare.
func (s *Store) oneOf(keys []Key) (text string, args []any) {
	if s.dialect.hasArrays {
		raw := make([][]byte, len(keys))
		for i := range keys {
			raw[i] = keys[i][:]
		}
		return ` = ANY(?::bytea[])`, []any{raw}
	}
	n := 2
	for n < len(keys) {
		n *= 2
	}
	args = make([]any, n)
	for i := range args {
		args[i] = keys[min(i, len(keys)-1)][:]
	}
	return ` IN (?` + strings.Repeat(`, ?`, n-1) + `)`, args
}
