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
// reports whether the database has answered. What would end a request must not end
// all of Caddy here.
func (r *recheck) askPiece(piece []inUse, isChecked func(*Session) bool) (answered bool) {
	var away atomic.Bool
	var group errgroup.Group
	group.SetLimit(recheckers)
	for _, u := range piece {
		if isChecked(u.session) {
			continue
		}
		group.Go(func() error {
			defer func() {
				if recover() != nil {
					r.log.Error("asking for a session again panicked")
				}
			}()
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

// isChecked reports whether a request has asked for the session a moment ago.
func (r *recheck) isChecked(s *Session) bool {
	return s.wasChecked(time.Now(), (min(r.every, streamsEvery)/2).Milliseconds()-1)
}

// ask asks the database for a session, forgets it where it has ended, and has what
// has changed take its place in memory. It returns the one to be served; while the
// database does not answer that is the one that is known, with the error.
func (r *recheck) ask(ctx context.Context, l format.Lookup, s *Session, now time.Time) (*Session, error) {
	cache := r.realm.cache
	// What ends after this is not seen.
	epoch, asked, state := cache.now(), time.Now().UnixMilli(), r.state.Load()
	fresh, err := r.source.Find(ctx, l, now)
	var reason format.Reason
	switch {
	case errors.As(err, &reason):
		cache.invalidate(l.Key, false)
		r.realm.streams.end(l.Key)
		return nil, err
	case err != nil:
		return s, err
	case !s.sameAs(fresh):
		fresh.epoch = epoch
		fresh.checked.Store(asked)
		fresh.state.Store(state)
		cache.replace(l.Key, s, fresh)
		r.realm.streams.changed(l.Key, fresh)
		return fresh, nil
	}
	s.sawUse(fresh.seen)
	s.checked.Store(asked)
	s.state.Store(state)
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
