package lookup

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
)

const (
	// newbornAge is how long after it was made a token without a row may be one whose
	// row is not here yet: a login on another node of a cluster, or a replica.
	newbornAge = 10 * time.Second
	// newbornMemory is how long such a token is remembered as unknown.
	newbornMemory = 250 * time.Millisecond
)

// newbornPauses lie between the questions for one: most replicas are that far behind.
var newbornPauses = []time.Duration{50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond}

// newborn asks again where there is no row for a token that was made a moment ago.
// What this node has found once and finds no more has ended, whatever its age: that
// is for whoever asks past it.
type newborn struct {
	lag      time.Duration // of the database's nodes, as configured
	patience time.Duration // that a lookup may take
}

// errNotHereYet is the answer while a row may be on its way.
var errNotHereYet = errors.New("a session that was started a moment ago is not here yet")

// find asks f, and again where that may help.
func (n newborn) find(ctx context.Context, f finder, l format.Lookup, now time.Time) (*Session, error) {
	began := time.Now()
	s, err := f.Find(ctx, l, now)
	age, young := ageOf(l, now)
	if !young && age >= n.lag || !errors.Is(err, format.ErrUnknown) {
		return s, err
	}
	for _, pause := range newbornPauses {
		if !young || time.Since(began)+pause > n.patience {
			break
		}
		<-time.After(pause)
		if s, err = f.Find(ctx, l, now); !errors.Is(err, format.ErrUnknown) {
			return s, err
		}
	}
	if age+time.Since(began) < n.lag {
		return nil, fmt.Errorf("finding a session: %w: %w", store.ErrUnavailable, errNotHereYet)
	}
	return nil, err
}

// uncached is a realm's finder where nothing is remembered.
type uncached struct {
	finder
	newborn
}

// Find implements finder.
func (u uncached) Find(ctx context.Context, l format.Lookup, now time.Time) (*Session, error) {
	return u.find(ctx, u.finder, l, now)
}

// ageOf is how old a token is, and whether it is so young that its row may not be
// here yet. One from the future is as young as can be where clocks may differ that
// much, and old where it lies further ahead.
func ageOf(l format.Lookup, now time.Time) (age time.Duration, young bool) {
	age = now.Sub(time.Unix(l.Made+1, 0)) // it says whole seconds, of which this is the end
	if l.Made == 0 || age < -newbornAge {
		return maxAge, false
	}
	age = max(age, 0)
	return age, age < newbornAge
}

// maxAge is that of a token which does not say how old it is.
const maxAge = time.Duration(1<<63 - 1)
