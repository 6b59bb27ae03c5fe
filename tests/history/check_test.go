package history

import (
	"strings"
	"testing"
	"time"
)

const (
	ms = time.Millisecond
	s  = time.Second
)

// bounds are those of all histories here: elsewhere an ending is known after 3s, and
// while the database cannot be asked after 12s.
var bounds = Bounds{Recheck: s, LookupTimeout: s, CacheTTL: 10 * s, Slack: s}

// alices is a history in which Alice has logged in, at 10ms, and what else there is.
func alices(more ...Event) *History {
	login := Event{Kind: Login, Session: 1, Node: 0, Done: 10 * ms, Status: 200, Who: "alice"}
	return &History{Bounds: bounds, Events: append([]Event{login}, more...), End: time.Hour}
}

func asked(node int, at time.Duration, status int) Event {
	e := Event{Kind: Request, Session: 1, Node: node, Begin: at, Done: at + 5*ms, Status: status}
	if e.served() {
		e.Who = "alice"
	}
	return e
}

// ended is an ending that was acknowledged at a time.
func ended(node int, means string, at time.Duration) Event {
	return Event{Kind: End, Session: 1, Node: node, Begin: at - 5*ms, Done: at, Status: 200, Means: means}
}

// streamed is a stream that was opened at a second and was over at another time.
func streamed(node int, closed time.Duration) Event {
	return Event{Kind: Stream, Session: 1, Node: node, Begin: s, Done: s + ms, Status: 101, Who: "alice", Closed: closed}
}

func with(e Event, change func(*Event)) Event {
	change(&e)
	return e
}

var (
	outage  = Fault{Name: "outage", Node: NoNode, Begin: 8 * s, End: 25 * s, Database: true}
	restart = Fault{Name: "restart", Node: 1, Begin: 8 * s, End: 9 * s, Restart: true}
	frozen  = Fault{Name: "frozen", Node: 1, Begin: 8 * s, End: 20 * s}
)

// failing adds faults to a history.
func failing(h *History, faults ...Fault) *History {
	h.Faults = faults
	return h
}

// strict is the same history where nothing is remembered.
func strict(h *History) *History {
	h.Bounds.CacheTTL = 0
	return h
}

func TestCheck_FindsWhatCannotBe(t *testing.T) {
	for name, c := range map[string]struct {
		history *History
		want    string
	}{
		"served where it was ended":                  {alices(ended(0, "logout", 10*s), asked(0, 10*s+1, 200)), "served after its end"},
		"served elsewhere too late":                  {alices(ended(0, "logout", 10*s), asked(1, 13*s+1, 200)), "served after its end"},
		"served where SQL was too long ago":          {alices(ended(NoNode, SQL, 10*s), asked(0, 13*s+1, 200)), "served after its end"},
		"served elsewhere where nothing is kept":     {strict(alices(ended(0, "logout", 10*s), asked(1, 10*s+1, 200))), "served after its end"},
		"served when memory is over, in an outage":   {failing(alices(ended(0, "logout", 10*s), asked(1, 22*s+1, 200)), outage), "served after its end"},
		"served where it was ended, in an outage":    {failing(alices(ended(1, "logout", 10*s), asked(1, 10*s+1, 200)), outage), "served after its end"},
		"served by another node's outage":            {failing(alices(ended(0, "logout", 10*s), asked(1, 14*s, 200)), Fault{Node: 2, Begin: 8 * s, End: 25 * s, Database: true}), "served after its end"},
		"served by a node that was frozen":           {failing(alices(ended(0, "logout", 10*s), asked(1, 14*s, 200)), frozen), "served after its end"},
		"served although the first ending was late":  {alices(ended(0, "logout", 10*s), ended(2, "logout", 20*s), asked(1, 14*s, 200)), "served after its end"},
		"a stream begins after the end":              {alices(ended(0, "logout", 500*ms), streamed(0, 2*s)), "served after its end"},
		"a live session is refused":                  {alices(asked(1, 5*s, 401)), "a live session was refused"},
		"a live session is refused in an outage":     {failing(alices(asked(1, 9*s, 401)), outage), "a live session was refused"},
		"a live session is refused before it ends":   {alices(asked(1, 5*s, 401), ended(0, "logout", 10*s)), "a live session was refused"},
		"a stream of a live session is refused":      {alices(with(streamed(0, 0), func(e *Event) { e.Status, e.Who = 401, "" })), "a live session was refused"},
		"503 without a fault":                        {alices(asked(1, 5*s, 503)), "nothing explains"},
		"503 before a fault":                         {failing(alices(asked(1, 5*s, 503)), outage), "nothing explains"},
		"503 by another node's fault":                {failing(alices(asked(0, 9*s, 503)), frozen), "nothing explains"},
		"a login fails without a fault":              {alices(Event{Kind: Login, Begin: s, Done: s, Status: 503}), "nothing explains"},
		"SQL fails without a fault":                  {alices(with(ended(NoNode, SQL, s), func(e *Event) { e.Status = 0 })), "nothing explains"},
		"502":                                        {failing(alices(asked(1, 9*s, 502)), outage), "nothing explains"},
		"no answer of a node that runs":              {failing(alices(asked(1, 9*s, 0)), outage), "nothing explains"},
		"no answer of a session that lives":          {alices(asked(1, 9*s, 0), ended(0, "logout", 10*s)), "nothing explains"},
		"an ending finds no session":                 {alices(with(ended(0, "logout", 10*s), func(e *Event) { e.Status = 404 })), "nothing explains"},
		"another's identity":                         {alices(with(asked(1, s, 200), func(e *Event) { e.Who = "bob" })), "another's identity"},
		"no identity":                                {alices(with(asked(1, s, 200), func(e *Event) { e.Who = "" })), "another's identity"},
		"another's identity in a stream":             {alices(with(streamed(1, 0), func(e *Event) { e.Who = "bob" })), "another's identity"},
		"a session that nobody started":              {alices(with(asked(1, s, 200), func(e *Event) { e.Session = 2 })), "nobody started"},
		"a stream outlives its session here":         {alices(ended(0, "logout", 10*s), streamed(0, 11*s+1)), "outlived"},
		"a stream outlives its session elsewhere":    {alices(ended(0, "logout", 10*s), streamed(1, 13*s+1)), "outlived"},
		"a stream is never over":                     {alices(ended(0, "logout", 10*s), streamed(1, 0)), "outlived"},
		"a stream that the client closed too late":   {alices(ended(0, "logout", 10*s), with(streamed(1, 20*s), func(e *Event) { e.ByClient = true })), "outlived"},
		"a stream outlives an outage":                {failing(alices(ended(0, "logout", 10*s), streamed(1, 28*s+1)), outage), "outlived"},
		"a stream outlives its session by an outage": {failing(alices(ended(1, "logout", 10*s), streamed(1, 20*s)), outage), "outlived"},
		"the stream of a live session is cut":        {alices(streamed(1, 5*s)), "was cut"},
		"cut before the end begins":                  {alices(streamed(1, 5*s), ended(0, "logout", 10*s)), "was cut"},
		"cut by another node's restart":              {failing(alices(streamed(0, 8500*ms)), restart), "was cut"},
		"cut in an outage":                           {failing(alices(streamed(0, 9*s)), outage), "was cut"},
		"cut before it said anything":                {alices(with(streamed(0, s+ms), func(e *Event) { e.Who = "" })), "was cut"},
		"it comes back": {
			failing(alices(ended(0, "logout", 10*s), asked(1, 11*s, 401), asked(1, 11100*ms, 200)), outage), "came back",
		},
		"it comes back though nobody knows whether it ended": {
			failing(alices(with(ended(0, "logout", 10*s), func(e *Event) { e.Status = 503 }), asked(1, 11*s, 401), asked(1, 11100*ms, 200)), outage), "came back",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if problems := strings.Join(c.history.Check(), "\n"); !strings.Contains(problems, c.want) {
				t.Errorf("found %q, want %q", problems, c.want)
			}
		})
	}
}

func TestCheck_AllowsWhatCanBe(t *testing.T) {
	for name, h := range map[string]*History{
		"a day":                                     alices(asked(0, s, 200), asked(1, s, 200), streamed(1, 12*s), ended(0, "logout", 10*s), asked(0, 10*s+1, 401), asked(1, 10*s+1, 200), asked(1, 11*s, 401)),
		"elsewhere within a round":                  alices(ended(0, "logout", 10*s), asked(1, 13*s, 200)),
		"SQL within a round":                        alices(ended(NoNode, SQL, 10*s), asked(0, 13*s, 200)),
		"asked before the end was acknowledged":     alices(ended(0, "logout", 10*s), asked(0, 10*s-ms, 200)),
		"refused while it ends":                     alices(ended(0, "logout", 10*s), asked(1, 10*s-5*ms, 401)),
		"from memory in an outage":                  failing(alices(ended(0, "logout", 10*s), asked(1, 22*s, 200)), outage),
		"a round after an outage":                   failing(alices(ended(0, "logout", 10*s), asked(1, 14*s, 200)), Fault{Node: 1, Begin: 12 * s, End: 13 * s, Database: true}),
		"503 in an outage":                          failing(alices(asked(1, 9*s, 503)), outage),
		"503 of a login while another node is":      failing(alices(Event{Kind: Login, Begin: 9 * s, Done: 9 * s, Status: 503}), frozen),
		"no answer of a node that starts":           failing(alices(asked(1, 8*s, 0)), restart),
		"an ending that may not have happened":      failing(alices(with(ended(0, "logout", 10*s), func(e *Event) { e.Status = 503 }), asked(0, 20*s, 200), asked(1, 20*s, 401), streamed(1, 0)), outage),
		"SQL fails in an outage":                    failing(alices(with(ended(NoNode, SQL, 10*s), func(e *Event) { e.Status = 0 })), outage),
		"an answer that the end has cut":            alices(ended(0, "logout", 10*s), asked(1, 11*s, 0)),
		"an ending finds what had ended after all":  failing(alices(with(ended(0, "logout", 10*s), func(e *Event) { e.Status = 503 }), with(ended(0, "logout", 26*s), func(e *Event) { e.Status = 404 })), outage),
		"a stream within a round":                   alices(ended(0, "logout", 10*s), streamed(1, 13*s)),
		"a stream here":                             alices(ended(0, "logout", 10*s), streamed(0, 11*s)),
		"a stream a round after an outage":          failing(alices(ended(0, "logout", 10*s), streamed(1, 28*s)), outage),
		"a stream of a node that is frozen":         failing(alices(ended(1, "logout", 10*s), streamed(1, 21*s)), frozen),
		"a stream that lives":                       alices(streamed(1, 0)),
		"a stream that the client closed":           alices(with(streamed(1, 5*s), func(e *Event) { e.ByClient = true })),
		"a stream that a restart cut":               failing(alices(streamed(1, 8500*ms)), restart),
		"a stream that the end cut before its word": alices(ended(0, "logout", s+ms), with(streamed(0, s+ms), func(e *Event) { e.Who = "" })),
	} {
		t.Run(name, func(t *testing.T) {
			if problems := h.Check(); len(problems) > 0 {
				t.Errorf("found %q", problems)
			}
		})
	}
}

func TestIsOver(t *testing.T) {
	if h := alices(ended(0, "logout", 10*s), streamed(1, 0)); h.IsOver() {
		t.Error("a stream goes on")
	}
	for name, h := range map[string]*History{
		"it was cut": alices(ended(0, "logout", 10*s), streamed(1, 11*s)),
		"it lives":   alices(streamed(1, 0)),
	} {
		if !h.IsOver() {
			t.Error(name)
		}
	}
}

func TestSummary(t *testing.T) {
	h := failing(alices(ended(0, "logout", 5*s), asked(1, 5500*ms, 200), streamed(0, 5*s+2*ms), streamed(1, 9*s)), outage)
	for _, want := range []string{
		"logins, 200: 1", "endings by logout, acknowledged: 1", "requests, 200: 1", "streams, 101: 2", "fault: outage: 1",
		"the last service, on another node, calm: 500ms", "the cut, on the same node, calm: 2ms", "the cut, on another node, during a fault: 4s",
	} {
		if text := h.Summary(); !strings.Contains(text, want+"\n") {
			t.Errorf("%q lacks %q", text, want)
		}
	}
}
