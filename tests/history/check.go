package history

import (
	"fmt"
	"slices"
	"time"
)

// Check returns what cannot be, in words, and nothing if all is well.
func (h *History) Check() (problems []string) {
	lives := h.lives()
	for i := range h.Events {
		e := &h.Events[i]
		l := lives[e.Session]
		switch {
		case !h.excused(e) && !h.cutEarly(e, l) && !e.endedBefore(l):
			problems = append(problems, h.tell(e, "an answer that nothing explains"))
		case e.Kind != Request && e.Kind != Stream:
		case l == nil:
			problems = append(problems, h.tell(e, "a request of a session that nobody started"))
		default:
			problems = append(problems, h.checkAnswer(e, l)...)
		}
	}
	return append(problems, h.checkReturns(lives)...)
}

// recovery is how long after a fault a node may not know yet that it is over.
const recovery = 2 * time.Second

// excused reports whether an answer is one of those that there are, or there was a
// fault that explains it.
func (h *History) excused(e *Event) bool {
	switch {
	case e.asks() && (e.served() || e.Status == 401), !e.asks() && e.acknowledged():
		return true
	case e.Status == 503:
		return slices.ContainsFunc(h.Faults, func(f Fault) bool {
			// Nodes that write wait for each other, those that read do not.
			writes := e.Kind == Login || e.Kind == End
			from := e.Begin - recovery
			return f.hits(e.Node, from, e.Done) || writes && f.hits(f.Node, from, e.Done)
		})
	case e.Means == SQL:
		return slices.ContainsFunc(h.Faults, func(f Fault) bool { return f.hits(f.Node, e.Begin, e.Done) })
	default:
		return e.Status == 0 && h.restarted(e.Node, e.Begin, e.Done)
	}
}

// cutEarly reports whether an answer was cut before it had said anything, since its
// session may have ended while it was under way, or its node was started again.
func (h *History) cutEarly(e *Event, l *life) bool {
	unsaid := e.asks() && e.Who == "" && (e.Status == 0 || e.Kind == Stream && e.Closed == e.Done)
	return unsaid && (l != nil && !l.livesUntil(e.Done) || h.restarted(e.Node, e.Begin, e.Done))
}

// endedBefore reports whether an ending found no session, as an earlier one that was
// not acknowledged may have ended it.
func (e *Event) endedBefore(l *life) bool {
	return e.Kind == End && e.Status == 404 && l != nil && l.doomed && l.first < e.Begin
}

func (h *History) restarted(node int, from, to time.Duration) bool {
	return slices.ContainsFunc(h.Faults, func(f Fault) bool { return f.Restart && f.hits(node, from, to) })
}

// checkAnswer compares one answer with what is known of its session.
func (h *History) checkAnswer(e *Event, l *life) (problems []string) {
	problem := func(text string) { problems = append(problems, h.tell(e, text)) }
	if e.Status == 401 && e.Begin >= l.born && l.livesUntil(e.Done) {
		problem("a live session was refused")
	}
	if !e.served() {
		return problems
	}
	if e.Who != l.who && !h.cutEarly(e, l) {
		problem(fmt.Sprintf("another's identity: %q, and it is %q", e.Who, l.who))
	}
	if from, end := h.refusedFrom(l, e.Node); end != nil && e.Begin > from {
		problem("served after its end" + h.told(end))
	}
	if e.Kind == Stream {
		problems = append(problems, h.checkStream(e, l)...)
	}
	return problems
}

// checkStream compares the end of a stream with that of its session.
func (h *History) checkStream(e *Event, l *life) (problems []string) {
	if e.Closed != 0 && !e.ByClient && l.livesUntil(e.Closed) && !h.restarted(e.Node, e.Begin, e.Closed) {
		problems = append(problems, h.tell(e, "the stream of a live session was cut"))
	}
	last := e.Closed
	if last == 0 {
		last = h.End
	}
	for _, end := range l.ended {
		if last > h.cutOf(end, e) {
			return append(problems, h.tell(e, "a stream outlived its session"+h.told(end)))
		}
	}
	return problems
}

// cutOf says until when a stream must be over after an ending. A node that is frozen
// cuts nothing, and one that cannot ask the database does not know of others' endings.
func (h *History) cutOf(end, stream *Event) time.Duration {
	from := max(end.Done, stream.Done)
	if end.heardBy(stream.Node) {
		return h.delayed(from, h.Bounds.Slack, func(f *Fault) bool { return !f.Database && f.concerns(stream.Node) })
	}
	return h.delayed(from, h.Bounds.calm(), func(f *Fault) bool { return f.concerns(stream.Node) })
}

// checkReturns looks for sessions that a node had refused, and served again.
func (h *History) checkReturns(lives map[int]*life) (problems []string) {
	type seen struct{ session, node int }
	refused := make(map[seen]time.Duration)
	for i := range h.Events {
		e := &h.Events[i]
		key := seen{e.Session, e.Node}
		if before, ok := refused[key]; e.asks() && e.Status == 401 && lives[e.Session] != nil && (!ok || e.Done < before) {
			refused[key] = e.Done
		}
	}
	for i := range h.Events {
		e := &h.Events[i]
		if before, ok := refused[seen{e.Session, e.Node}]; ok && e.asks() && e.served() && e.Begin > before {
			problems = append(problems, h.tell(e, fmt.Sprintf("a session came back, refused here at %v", before)))
		}
	}
	return problems
}

func (e *Event) asks() bool { return e.Kind == Request || e.Kind == Stream }

// tell describes an event and what is wrong with it.
func (h *History) tell(e *Event, problem string) string {
	kind := [...]string{"login", "request", "stream", "ending"}[e.Kind]
	text := fmt.Sprintf("%s: %s of session %d on node %d from %v to %v: status %d %q %s%s", problem, kind, e.Session, e.Node, e.Begin, e.Done, e.Status, e.Who, e.Means, e.Error)
	if e.Kind == Stream {
		text += fmt.Sprintf("; closed at %v", e.Closed)
	}
	for _, f := range h.Faults {
		if f.hits(f.Node, e.Begin-time.Second, max(e.Done, e.Closed)+time.Second) {
			text += fmt.Sprintf("; %s on node %d from %v to %v", f.Name, f.Node, f.Begin, f.End)
		}
	}
	return text
}

func (h *History) told(end *Event) string {
	return fmt.Sprintf(", by %s on node %d from %v to %v", end.Means, end.Node, end.Begin, end.Done)
}
