package lookup

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/seed-11312c3d/caddy-session/format"
)

// askNow asks for sessions of which some may just have ended.
func (r *recheck) askNow(list []inUse) {
	r.askPiece(list, func(*Session) bool { return false })
}

// askPiece asks for a few sessions at once, but for those that have been, and
// reports whether the database has answered.
func (r *recheck) askPiece(piece []inUse, isChecked func(*Session) bool) (answered bool) {
	var list []inUse
	for _, u := range piece {
		if !isChecked(u.session) {
			list = append(list, u)
		} else if r.isWhole {
			r.realm.cache.keep(u.lookup.Key)
		}
	}
	if len(list) > 1 && r.many != nil {
		if err := r.askMany(list); !errors.Is(err, errOneByOne) {
			return StatusOf(err) != StatusUnavailable
		}
	}
	return r.askEach(list)
}

// askMany asks for sessions in one question.
func (r *recheck) askMany(list []inUse) (err error) {
	defer r.survive()
	all := make([]format.Lookup, len(list))
	for i, u := range list {
		all[i] = u.lookup
	}
	before, now := r.before(r.realm.cache), time.Now()
	outcomes, err := r.many(all, now)
	for i, x := range outcomes {
		_, _ = r.settle(before, list[i].lookup, list[i].session, x.session, x.err)
	}
	return err
}

// askEach asks for sessions in a question for each.
func (r *recheck) askEach(list []inUse) (answered bool) {
	var away atomic.Bool
	var group errgroup.Group
	group.SetLimit(recheckers)
	for _, u := range list {
		group.Go(func() error {
			defer r.survive()
			if away.Load() {
				return nil
			}
			if _, err := r.ask(context.Background(), u.lookup, u.session, time.Now()); StatusOf(err) == StatusUnavailable {
				away.Store(true)
			}
			return nil
		})
	}
	_ = group.Wait()
	return !away.Load()
}

// survive is deferred: what would end a request must not end all of Caddy here.
func (r *recheck) survive() {
	if recover() != nil {
		r.log.Error("asking for a session again panicked")
	}
}

// isChecked reports whether a request has asked for the session a moment ago.
func (r *recheck) isChecked(s *Session) bool {
	return s.wasChecked(time.Now(), (min(r.every, streamsEvery)/2).Milliseconds()-1)
}

// ask asks the database for a session, forgets it where it has ended, and has what
// has changed take its place in memory. It returns the one to be served; while the
// database does not answer that is the one that is known, with the error.
func (r *recheck) ask(ctx context.Context, l format.Lookup, s *Session, now time.Time) (*Session, error) {
	before := r.before(r.realm.cache)
	fresh, err := r.source.Find(ctx, l, now)
	return r.settle(before, l, s, fresh, err)
}

// moment is when a question was asked: what ends after it is not seen.
type moment struct {
	epoch uint64
	at    int64 // Unix milliseconds
	state uint32
}

// before is the moment before a question whose answer goes into a cache, or into none.
// A nil recheck knows no state of the database.
func (r *recheck) before(c *cache) moment {
	m := moment{epoch: c.now(), at: time.Now().UnixMilli()}
	if r != nil {
		m.state = r.state.Load()
	}
	return m
}

// settle does what follows from an answer.
func (r *recheck) settle(before moment, l format.Lookup, s, fresh *Session, err error) (*Session, error) {
	cache := r.realm.cache
	var reason format.Reason
	switch {
	case errors.As(err, &reason):
		cache.invalidate(l.Key, false)
		r.realm.streams.end(l.Key)
		return nil, err
	case err != nil:
		return s, err
	case !s.sameAs(fresh):
		fresh.epoch = before.epoch
		fresh.answered(before)
		cache.replace(l.Key, s, fresh)
		r.realm.streams.changed(l.Key, fresh)
		return fresh, nil
	}
	s.sawUse(fresh.seen)
	s.answered(before)
	cache.keep(l.Key)
	return s, nil
}

// confirm asks for a session before it is served. Requests of the same session
// share the answer.
func (r *recheck) confirm(ctx context.Context, l format.Lookup, s *Session, now time.Time) (*Session, error) {
	answer, err, _ := r.asking.Do(string(l.Key[:]), func() (any, error) {
		return r.ask(ctx, l, s, now)
	})
	found, _ := answer.(*Session)
	if found != nil && !r.realm.cache.serves(found, now) {
		found = nil
	}
	return found, err
}
