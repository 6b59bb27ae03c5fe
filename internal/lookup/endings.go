package lookup

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
)

const (
	// endingsMemory is how long after a logout a fail-over may bring its row back.
	endingsMemory = time.Hour
	// clockMargin is how far the clocks of two nodes may lie apart. Of a user whose
	// sessions have all ended those that are younger may be of a login that came
	// later, on another node.
	clockMargin = 5 * time.Minute
)

// endings remember the module's own sessions that this node has ended for certain.
// Where a standby that lagged becomes the primary, the database has lost what it
// acknowledged: whoever has logged out would be back. Such a session stays refused
// here, and is ended again.
type endings struct {
	end   func(context.Context, format.Lookup) error
	known *otter.Cache[ending, time.Time] // and when; the zero ending is that of all
	again sync.Map                        // keys that are being ended
	log   *slog.Logger
}

func newEndings(end func(context.Context, format.Lookup) error, log *slog.Logger) *endings {
	return &endings{end: end, log: log, known: otter.Must(&otter.Options[ending, time.Time]{
		MaximumSize: endedEntries, ExpiryCalculator: otter.ExpiryWriting[ending, time.Time](endingsMemory),
	})}
}

// note remembers that something has ended. Where nothing is remembered e is nil.
func (e *endings) note(what ending) {
	if e != nil {
		e.known.Set(what, time.Now())
	}
}

// include reports whether a session that the database has is one that has ended.
func (e *endings) include(s *store.Session) bool {
	if e == nil {
		return false
	}
	if _, ended := e.known.GetIfPresent(ending{key: s.Key}); ended {
		return true
	}
	return e.endedBefore(ending{user: s.User}, s) || e.endedBefore(ending{}, s)
}

func (e *endings) endedBefore(what ending, s *store.Session) bool {
	at, ok := e.known.GetIfPresent(what)
	return ok && s.Created.Before(at.Add(-clockMargin))
}

// endAgain ends a session in the background, unless that is under way. What fails is
// tried again when the session is asked for.
func (e *endings) endAgain(l format.Lookup, db *database) {
	if _, begun := e.again.LoadOrStore(l.Key, nil); begun {
		return
	}
	if db.hold() != nil {
		e.again.Delete(l.Key)
		return
	}
	go func() {
		defer db.release()
		defer e.again.Delete(l.Key)
		defer func() {
			if recover() != nil {
				e.log.Error("ending a session again panicked")
			}
		}()
		if err := e.end(context.Background(), l); err != nil {
			e.log.Warn("a session that has ended is in the database again, and could not be ended there; it is refused here", "error", err)
			return
		}
		e.log.Warn("the database has lost the end of a session, as in a fail-over to a standby that lagged; it was ended again")
	}()
}
