package store

import (
	"context"
	"errors"
	"sync"
	"time"
)

// lifecycle is what starts and ends a store.
type lifecycle struct {
	attempts sync.Mutex // one attempt to reach the database at a time
	closed   bool       // guarded by attempts
	works    bool       // in the background; guarded by attempts
	stays    bool       // long enough to purge regularly; guarded by attempts

	mu      sync.Mutex // guards what follows; held for a moment only
	waiting bool       // somebody keeps trying in the background
	failed  error      // why the last attempt in the background failed for good

	ctx    context.Context // of everything in the background
	cancel context.CancelFunc
	tasks  sync.WaitGroup
}

const (
	startPatience   = 5 * time.Second  // Caddy's other sites wait for a start
	migratePatience = 10 * time.Minute // in the background nobody does
	minBackoff      = 250 * time.Millisecond
	maxBackoff      = 500 * time.Millisecond // so that it works within a second of the database's return
	badBackoff      = 5 * time.Second        // when only a person can help, and
	slowBackoff     = 30 * time.Second       // when nobody has for a while
)

var errClosed = errors.New("the store has been closed")

// Start opens the database and makes its tables. It returns nil when the store
// is ready, and also when the database is merely not there yet: then the store
// keeps trying, and every operation fails with [ErrUnavailable] meanwhile. What
// only a person can put right is an error. A second Start does no harm.
func (s *Store) Start(ctx context.Context) error {
	if waiting, failed := s.waiting(); waiting {
		return failed
	}
	s.life.attempts.Lock()
	defer s.life.attempts.Unlock()
	if waiting, failed := s.waiting(); waiting {
		return failed // another Start was faster
	}
	s.life.stays = true
	bounded, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	err := s.attempt(bounded)
	if !s.passes(err) || ctx.Err() != nil {
		return err
	}
	s.log.Warn("the session database cannot be reached; trying on", "error", oneLine(err))
	s.setWaiting(true, nil)
	s.life.tasks.Go(s.keepTrying)
	return nil
}

// passes reports that a start may work later, without anybody's doing.
func (s *Store) passes(err error) bool { return s.IsAway(err) || s.isRace(err) }

func (s *Store) waiting() (waiting bool, failed error) {
	s.life.mu.Lock()
	defer s.life.mu.Unlock()
	return s.life.waiting, s.life.failed
}

func (s *Store) setWaiting(waiting bool, failed error) {
	s.life.mu.Lock()
	defer s.life.mu.Unlock()
	s.life.waiting, s.life.failed = waiting, failed
}

// StartNow is Start for those who only come for a moment: a database that is not
// there is an error, and nothing is purged in the background.
func (s *Store) StartNow(ctx context.Context) error {
	s.life.attempts.Lock()
	defer s.life.attempts.Unlock()
	err := s.attempt(ctx)
	if s.IsAway(err) {
		return s.unavailable("opening the session database", err)
	}
	return err
}

// attempt tries once to reach the database and to make the store ready.
func (s *Store) attempt(ctx context.Context) error {
	switch {
	case s.life.closed:
		return errClosed
	case s.Ready():
		return nil
	}
	p, err := s.conns.connect(ctx, s.dialect, s.again())
	if err != nil {
		return s.at(s.stillGone(err))
	}
	if s.settings.Access != Own {
		return s.adopt(ctx, p)
	}
	keys, err := s.prepare(ctx, p)
	if err != nil {
		// Not waited for here: connections to a server that hangs end slowly.
		s.life.tasks.Go(func() { _ = p.close() })
		return s.at(oneLine(err))
	}
	l := &live{pool: p}
	l.keys.Store(keys)
	s.serve(l)
	s.work()
	return nil
}

// keepTrying ends when the database has been reached or the store is closed.
func (s *Store) keepTrying() {
	backoff := minBackoff
	for s.pause(backoff) {
		done, permanent := s.tryAgain()
		switch {
		case done:
			return
		case permanent:
			backoff = min(max(2*backoff, badBackoff), slowBackoff)
		default:
			backoff = min(2*backoff, maxBackoff)
		}
	}
}

func (s *Store) tryAgain() (done, permanent bool) {
	s.life.attempts.Lock()
	defer s.life.attempts.Unlock()
	ctx, cancel := context.WithTimeout(s.life.ctx, migratePatience)
	defer cancel()
	err := s.attempt(ctx)
	switch {
	case s.life.ctx.Err() != nil:
		return true, false // closed meanwhile
	case err == nil:
		s.setWaiting(false, nil)
		s.log.Info("the session database has been reached")
		return true, false
	case s.passes(err):
		s.setWaiting(true, nil)
		s.log.Debug("the session database still cannot be reached", "error", err)
		return false, false
	default:
		s.setWaiting(true, err)
		s.log.Error("the session database has been reached but cannot be used; trying on", "error", err)
		return false, true
	}
}

// pause waits, and reports false when the store is closed meanwhile.
func (s *Store) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.life.ctx.Done():
		return false
	}
}

// serve makes the store ready.
func (s *Store) serve(l *live) {
	s.live.Store(l)
	s.gone.Store(nil)
	if f := opened(l.pool); f != nil && s.life.stays {
		_ = f.flaw() // which looks at the WAL
		s.life.tasks.Go(func() { s.watchFile(l, f) })
	}
}

// work starts what a ready store does in the background, once.
func (s *Store) work() {
	if s.life.works {
		return
	}
	s.life.works = true
	s.life.tasks.Go(s.writeActivity)
	s.life.tasks.Go(s.endAbandoned)
	if s.life.stays {
		s.life.tasks.Go(s.purgeRegularly)
	}
	s.life.tasks.Go(s.reloadKeys)
}

// Close writes what is still to be written and ends all connections. The store
// cannot be started again.
func (s *Store) Close() error {
	s.life.cancel() // first: an attempt in the background may take long
	s.life.attempts.Lock()
	s.life.closed = true
	s.life.attempts.Unlock()
	s.life.tasks.Wait()
	l := s.live.Swap(nil)
	if l == nil {
		return nil
	}
	return l.pool.close()
}
