package store

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

// forEver is long enough for the busiest machine. Who is forgotten fails a test
// by then, and does not hang it.
const forEver = time.Minute

// held is a database whose answers wait until they are let go.
type held struct {
	gatherer
	asked chan []Key
	let   chan struct{}
}

func newHeld() *held {
	h := &held{asked: make(chan []Key, 100), let: make(chan struct{})}
	h.patience, h.isAway = forEver, func(err error) bool { return errors.Is(err, context.DeadlineExceeded) }
	h.one = func(key Key, _ time.Time) (*Row, error) {
		h.asked <- []Key{key}
		<-h.let
		return rowOf(key), nil
	}
	h.many = func(keys []Key, _ time.Time) (map[Key]*Row, error) {
		h.asked <- keys
		<-h.let
		rows := make(map[Key]*Row)
		for _, key := range keys {
			rows[key] = rowOf(key)
		}
		return rows, nil
	}
	return h
}

// rowOf is the row with a key; those that begin with 0 have none.
func rowOf(key Key) *Row {
	if key[0] == 0 {
		return nil
	}
	return &Row{Key: key[:]}
}

// findAll looks up in the background, one after the other, and returns what
// waits for the answers.
func (h *held) findAll(t *testing.T, keys ...Key) (wait func()) {
	t.Helper()
	var all sync.WaitGroup
	for _, key := range keys {
		before := h.queued()
		all.Go(func() {
			row, err := h.find(key)
			if err != nil || (row == nil) != (key[0] == 0) || row != nil && Key(row.Key) != key {
				t.Errorf("%v was found as %v: %v", key, row, err)
			}
		})
		h.arrived(t, before)
	}
	return all.Wait
}

// arrived waits until one more lookup than before is asked for, or waits.
func (h *held) arrived(t *testing.T, before int) {
	t.Helper()
	for deadline := time.Now().Add(forEver); h.queued() == before; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal("a lookup is neither asked for nor waits")
		}
	}
}

// question returns the keys that the database is asked for next.
func (h *held) question(t *testing.T) []Key {
	t.Helper()
	select {
	case keys := <-h.asked:
		return keys
	case <-time.After(forEver):
		t.Fatal("nobody asks the database")
		return nil
	}
}

func (h *held) queued() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.running + len(h.waiting)
}

func TestGather_WhoComesWhileOthersAskGoTogether(t *testing.T) {
	h := newHeld()
	keys := make([]Key, maxRunning+maxGathered+10)
	for i := range keys {
		keys[i] = Key{byte(i % 3), byte(i)} // a third of them are not there
	}
	keys[maxRunning+1] = keys[maxRunning] // two ask for the same
	wait := h.findAll(t, keys...)
	// 1. The first ones ask by themselves, and wait for nobody.
	for range maxRunning {
		if n := len(h.question(t)); n != 1 {
			t.Errorf("%d keys in one question, want 1", n)
		}
	}
	// 2. All others go together, but not too many. Both questions are under way
	// at once, and the second one may overtake.
	close(h.let)
	wait()
	close(h.asked)
	var sizes []int
	for keys := range h.asked {
		sizes = append(sizes, len(keys))
	}
	slices.Sort(sizes)
	if !slices.Equal(sizes, []int{10, maxGathered}) {
		t.Errorf("questions for %v keys, want 10 and %d", sizes, maxGathered)
	}
	if h.running != 0 || h.waiting != nil {
		t.Errorf("%d are still asking, %d wait", h.running, len(h.waiting))
	}
}

func TestGather_NobodyIsLeftWaiting(t *testing.T) {
	h := newHeld()
	many := h.many
	h.many = func([]Key, time.Time) (map[Key]*Row, error) { panic("a driver's") }
	wait := h.findAll(t, Key{1}, Key{2})
	// 1. Three more wait; who asks for them panics.
	outcomes, panics := make(chan error, 3), make(chan any, 3)
	for i := range 3 {
		before := h.queued()
		go func() {
			defer func() { panics <- recover() }()
			_, err := h.find(Key{3, byte(i)})
			outcomes <- err
		}()
		h.arrived(t, before)
	}
	close(h.let)
	wait()
	// 2. The others are told, and the next ones are served.
	for range 2 {
		if err := <-outcomes; !errors.Is(err, errUnanswered) || !errors.Is(err, ErrUnavailable) {
			t.Errorf("got %v, want %v", err, errUnanswered)
		}
	}
	caught := 0
	for range 3 {
		if <-panics != nil {
			caught++
		}
	}
	if caught != 1 {
		t.Errorf("%d panics, want 1", caught)
	}
	h.many = many
	if row, err := h.find(Key{4}); row == nil || err != nil || h.running != 0 {
		t.Errorf("got %v %v, and %d are still asking", row, err, h.running)
	}
}

func TestF1_Gather_NobodyWaitsLongerThanALookupMayTake(t *testing.T) {
	h := newHeld()
	h.patience = 50 * time.Millisecond
	var until time.Time
	many := h.many
	h.many = func(keys []Key, end time.Time) (map[Key]*Row, error) {
		until = end
		return many(keys, end)
	}
	wait := h.findAll(t, Key{1}, Key{2})
	// 1. The database hangs. Who waits for it is told when their time is over.
	for i := range 10 {
		if row, err := h.find(Key{3, byte(i)}); row != nil || !errors.Is(err, ErrUnavailable) || !errors.Is(err, ErrOverload) || h.isAway(err) {
			t.Errorf("got %v %v", row, err)
		}
	}
	if n := h.queued(); n != 2 {
		t.Errorf("%d still ask or wait, want 2", n)
	}
	// 2. Those who come just before it answers are served, with all of their time.
	h.patience = forEver
	before := time.Now()
	waitOthers := h.findAll(t, Key{4}, Key{5}, Key{6})
	after := time.Now()
	close(h.let)
	wait()
	waitOthers()
	if until.Before(before.Add(h.patience)) || until.After(after.Add(h.patience)) {
		t.Errorf("asked until %v, want a minute after %v", until, after)
	}
}

func TestF1_Gather_ARowThatMakesTheStatementFailHurtsNobodyElse(t *testing.T) {
	h := newHeld()
	broken, bad := errors.New("a page is damaged"), Key{9}
	one, many := h.one, h.many
	h.one = func(key Key, until time.Time) (*Row, error) {
		if key == bad {
			return nil, broken
		}
		return one(key, until)
	}
	h.many = func(keys []Key, until time.Time) (map[Key]*Row, error) {
		if _, _ = many(keys, until); slices.Contains(keys, bad) {
			return nil, broken
		}
		return nil, errors.New("the bad one is not among them")
	}
	wait := h.findAll(t, Key{1}, Key{2})
	outcome := make(chan error, 1)
	before := h.queued()
	go func() {
		_, err := h.find(bad)
		outcome <- err
	}()
	h.arrived(t, before)
	waitOthers := h.findAll(t, Key{3}, Key{4})
	close(h.let)
	wait()
	waitOthers()
	if err := <-outcome; !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
}
