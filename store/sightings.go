package store

import (
	"sync"
	"sync/atomic"
	"time"
)

// ClockSkew is how far a time in a row may lie in the future: the clocks of two
// machines are never the same. What lies beyond is no time that anything has
// happened at.
const ClockSkew = 5 * time.Minute

const (
	// maxSightings bounds the memory of a table of rows from the future.
	maxSightings = 100_000
	// tidyEvery is how much time lies between two looks for those that are over.
	tidyEvery = time.Minute
)

// Sightings remembers when this process saw a time first that lies in the future,
// so that it counts as now once and not again at each lookup: a session that
// claims to start in the year 9999 would never be over. A time that was seen so
// counts like that for good, also when the clock has reached it: what has ended
// must not come back. Ages are of the monotonic clock, so a machine that gets its
// time right late ends nothing.
//
// Nothing of it is written to the row: of two clocks that disagree this one may be
// the wrong one, and would end the sessions of all others. So a restart forgets.
type Sightings struct {
	most int

	count  atomic.Int64 // of those that are remembered; nearly always 0
	mu     sync.Mutex
	first  map[sighted]sighting
	tidied time.Time
}

// sighted is a column of a row.
type sighted struct {
	key    Key
	column string
}

type sighting struct {
	at   int64     // what the column said, in Unix milliseconds
	when time.Time // it was seen to say so first
	ends int64     // when the row is over by itself, in Unix milliseconds
}

// NewSightings makes an empty memory.
func NewSightings() *Sightings {
	return &Sightings{most: maxSightings, first: make(map[sighted]sighting)}
}

// Empty reports that no time from the future is remembered: what does not lie there
// is as it stands.
func (s *Sightings) Empty() bool { return s.count.Load() == 0 }

// Time is a time in a column of a row.
type Time struct {
	// Key stands for the row, Column for its column.
	Key    Key
	Column string
	// At is the time, Ends when the row is over if nobody writes to it; in Unix
	// milliseconds.
	At, Ends int64
}

// IsFuture reports whether a time, in Unix milliseconds, lies too far in the future.
func IsFuture(at int64, now time.Time) bool { return at > now.Add(ClockSkew).UnixMilli() }

// Count returns what a row's time counts as, in Unix milliseconds: as itself or,
// from the future, as the moment when it was seen first. A list, which remembers
// nothing, has it count as now. It reports false where the memory is full of rows
// that are not over: then nobody can say when this one would be.
func (s *Sightings) Count(t Time, now time.Time, remember bool) (int64, bool) {
	isFuture := IsFuture(t.At, now)
	if !isFuture && s.Empty() {
		return t.At, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	what := sighted{t.Key, t.Column}
	known, ok := s.first[what]
	switch {
	case ok && known.at == t.At:
		return now.Add(-now.Sub(known.when)).UnixMilli(), true
	case !isFuture:
		return t.At, true
	case remember && !ok && !s.fits(now):
		return 0, false
	case remember: // also where the row says something else than before
		s.first[what] = sighting{t.At, now, t.Ends}
		s.count.Store(int64(len(s.first)))
	}
	return now.UnixMilli(), true
}

// fits makes room where there is none, of rows that are over by themselves.
func (s *Sightings) fits(now time.Time) bool {
	if len(s.first) < s.most {
		return true
	}
	if !s.tidied.IsZero() && now.Sub(s.tidied) < tidyEvery {
		return false
	}
	s.tidied = now
	for what, known := range s.first {
		if known.ends <= now.UnixMilli() {
			delete(s.first, what)
		}
	}
	s.count.Store(int64(len(s.first)))
	return len(s.first) < s.most
}
