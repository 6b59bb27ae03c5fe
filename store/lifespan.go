package store

import "time"

// Lifespan is what the times of a row amount to, in Unix milliseconds.
type Lifespan struct {
	// Created and Seen are those of the row, unless they lie in the future, which
	// counts as now: Created from when this process saw it first.
	Created, Seen int64
	// Ends is the smaller of the row's own end and its creation plus the longest
	// lifetime that the realm grants at present, see [Sessions.AtMost].
	Ends int64
}

// Lifespan says when a row ends. Rows may be shared, so it changes nothing.
func (x *Sessions) Lifespan(row *Row, now time.Time) Lifespan { return x.lifespan(row, now, true) }

func (x *Sessions) lifespan(row *Row, now time.Time, remember bool) Lifespan {
	l := Lifespan{Created: row.created, Seen: row.Seen}
	if IsFuture(l.Seen, now) {
		l.Seen = now.UnixMilli()
	}
	if IsFuture(l.Created, now) || !x.store.sighted.Empty() {
		var known bool
		t := Time{Column: "created", At: row.created, Ends: row.Expires}
		copy(t.Key[:], row.Key)
		if l.Created, known = x.store.sighted.Count(t, now, remember); !known {
			return l // which has ended
		}
	}
	l.Ends = min(row.Expires, l.Created+x.longest.Milliseconds())
	return l
}

// Set has a session show these times.
func (l Lifespan) Set(s *Session) {
	s.Created, s.Seen, s.Expires = time.UnixMilli(l.Created).UTC(), time.UnixMilli(l.Seen).UTC(), time.UnixMilli(l.Ends).UTC()
}

// endOfTime is the last moment that has a year of four digits, as JSON wants it.
var endOfTime = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

// listed decodes a row for a list, which shows its start and last use as they stand
// there, and its end as it is. It is nil where the row cannot be read or is over.
func (x *Sessions) listed(row *Row, now time.Time) *Session {
	s, err := row.Session()
	l := x.lifespan(row, now, false)
	if err != nil || l.Ends <= now.UnixMilli() {
		return nil
	}
	l.Created, l.Seen = min(row.created, endOfTime.UnixMilli()), min(row.Seen, endOfTime.UnixMilli())
	l.Set(s)
	return s
}
