// Package history says whether what many clients saw of their sessions can be, if
// the module keeps its promises. Clients write down what they did, when it began and
// when it was answered; [History.Check] compares that afterwards, and asks nobody.
package history

import (
	"slices"
	"time"
)

// Kind is what a client did.
type Kind int

// What a client can do.
const (
	Login   Kind = iota // start a session; acknowledged with a cookie
	Request             // ask as a session
	Stream              // ask for an answer that does not end
	End                 // end a session
)

// NoNode is who is asked where no node is, and where a fault is that is nobody's own.
const NoNode = -1

// Event is one thing that a client did. Times are since the history began.
type Event struct {
	Kind        Kind
	Session     int // a number; 0 for a login that failed
	Node        int // that was asked, or NoNode
	Begin, Done time.Duration
	Status      int    // of the answer; 0: there was none
	Who         string // whom the upstream was told, or of a login whom it started a session for
	Means       string // of an ending
	Error       string // why there was no answer

	Closed   time.Duration // when a stream was over; 0: it never was
	ByClient bool          // the client itself closed the stream
}

// SQL is an ending that no node has heard of.
const SQL = "SQL"

// acknowledged reports whether a login or an ending was said to have happened.
func (e *Event) acknowledged() bool { return e.Status >= 200 && e.Status < 400 }

// served reports whether the upstream has seen a request.
func (e *Event) served() bool { return e.Status == 200 || e.Status == 101 }

// Fault is something that went wrong. It ends when all nodes serve again whom they
// have never seen.
type Fault struct {
	Name       string
	Node       int // that suffered it, or NoNode: all
	Begin, End time.Duration
	Database   bool // the node could not ask the database
	Restart    bool // the node was started again
}

// hits reports whether a fault is one of a node's, and not over before a time nor
// begun after another.
func (f *Fault) hits(node int, from, to time.Duration) bool {
	return (f.Node == node || f.Node == NoNode) && f.Begin <= to && f.End >= from
}

// Bounds are what the module was configured with.
type Bounds struct {
	Recheck, LookupTimeout, CacheTTL time.Duration
	Slack                            time.Duration // for a machine that is busy
}

// calm is how long a session lives on elsewhere while nothing is wrong.
func (b Bounds) calm() time.Duration { return b.Recheck + b.LookupTimeout + b.Slack }

// History is all that happened.
type History struct {
	Bounds Bounds
	Events []Event
	Faults []Fault
	End    time.Duration // when the last client stopped looking
}

// life is what is known of one session.
type life struct {
	who    string
	born   time.Duration // the login was acknowledged
	doomed bool
	first  time.Duration // the first ending began, acknowledged or not
	ended  []*Event      // the endings that were acknowledged
}

// lives gathers what is known of each session.
func (h *History) lives() map[int]*life {
	all := make(map[int]*life)
	for i := range h.Events {
		e := &h.Events[i]
		if e.Kind == Login && e.acknowledged() {
			all[e.Session] = &life{who: e.Who, born: e.Done}
		}
	}
	for i := range h.Events {
		e := &h.Events[i]
		l := all[e.Session]
		if e.Kind != End || l == nil {
			continue
		}
		if !l.doomed || e.Begin < l.first {
			l.doomed, l.first = true, e.Begin
		}
		if e.acknowledged() {
			l.ended = append(l.ended, e)
		}
	}
	return all
}

// livesUntil reports whether a session was certainly alive up to a time.
func (l *life) livesUntil(at time.Duration) bool { return !l.doomed || at < l.first }

// refusedFrom says from when on no request that begins on a node may be served any
// more, of all endings the earliest.
func (h *History) refusedFrom(l *life, node int) (from time.Duration, ending *Event) {
	for _, end := range l.ended {
		if limit := h.refusalOf(end, node); ending == nil || limit < from {
			from, ending = limit, end
		}
	}
	return from, ending
}

// refusalOf says the same for one ending: at once on the node that ended it, and
// everywhere where nothing is remembered. Elsewhere after a round, and while the database
// cannot be asked for as long as memory lasts.
func (h *History) refusalOf(end *Event, node int) time.Duration {
	if h.Bounds.CacheTTL == 0 || end.heardBy(node) {
		return end.Done
	}
	most := end.Done + h.Bounds.CacheTTL + h.Bounds.LookupTimeout + h.Bounds.Slack
	return min(most, h.delayed(end.Done, h.Bounds.calm(), func(f *Fault) bool { return f.Database && f.concerns(node) }))
}

func (f *Fault) concerns(node int) bool { return f.Node == node || f.Node == NoNode }

// heardBy reports whether it was the node itself that ended the session.
func (e *Event) heardBy(node int) bool { return e.Node == node && e.Means != SQL }

// delayed is a time after which something has happened that takes so long, unless
// faults kept it from happening: then it begins anew when they are over.
func (h *History) delayed(from, takes time.Duration, by func(*Fault) bool) time.Duration {
	faults := slices.Clone(h.Faults)
	slices.SortFunc(faults, func(a, b Fault) int { return int(a.Begin - b.Begin) })
	until := from + takes
	for _, f := range faults {
		if by(&f) && f.Begin <= until && f.End >= from {
			until = max(until, f.End+takes)
		}
	}
	return until
}

// IsOver reports whether each stream is over whose session was said to have ended.
func (h *History) IsOver() bool {
	lives := h.lives()
	return !slices.ContainsFunc(h.Events, func(e Event) bool {
		l := lives[e.Session]
		return e.Kind == Stream && e.served() && e.Closed == 0 && l != nil && len(l.ended) > 0
	})
}
