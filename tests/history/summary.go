package history

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Summary counts what happened, and says what took longest.
func (h *History) Summary() string {
	counts := make(map[string]int)
	for i := range h.Events {
		counts[h.Events[i].sort()]++
	}
	for _, f := range h.Faults {
		counts["fault: "+f.Name]++
	}
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(&text, "%s: %d\n", name, counts[name])
	}
	lags := h.lags()
	for _, name := range slices.Sorted(maps.Keys(lags)) {
		fmt.Fprintf(&text, "%s: %v\n", name, lags[name].Round(time.Millisecond))
	}
	return text.String()
}

// sort names what an event is counted as.
func (e *Event) sort() string {
	switch {
	case e.Kind == Login:
		return fmt.Sprintf("logins, %d", e.Status)
	case e.Kind == End && e.acknowledged():
		return "endings by " + e.Means + ", acknowledged"
	case e.Kind == End:
		return "endings by " + e.Means + ", not acknowledged"
	case e.Kind == Stream:
		return fmt.Sprintf("streams, %d", e.Status)
	}
	return fmt.Sprintf("requests, %d", e.Status)
}

// lags are the longest times from an ending that was acknowledged to the last
// request that was served and began after it, and to the end of a stream: with a fault on
// the way and without, on the same node and on another.
func (h *History) lags() map[string]time.Duration {
	worst := make(map[string]time.Duration)
	lives := h.lives()
	for i := range h.Events {
		e := &h.Events[i]
		l := lives[e.Session]
		if l == nil || !e.asks() || !e.served() {
			continue
		}
		for _, end := range l.ended {
			if e.Begin > end.Done {
				h.lag(worst, "the last service", end, e.Node, e.Begin)
			}
			if e.Kind == Stream && e.Closed > end.Done && !e.ByClient {
				h.lag(worst, "the cut", end, e.Node, e.Closed)
			}
		}
	}
	return worst
}

func (h *History) lag(worst map[string]time.Duration, what string, end *Event, node int, at time.Duration) {
	where, weather := "on another node", "calm"
	if end.heardBy(node) {
		where = "on the same node"
	}
	for _, f := range h.Faults {
		if f.hits(node, end.Begin, at) {
			weather = "during a fault"
		}
	}
	name := fmt.Sprintf("worst lag to %s, %s, %s", what, where, weather)
	worst[name] = max(worst[name], at-end.Done)
}
