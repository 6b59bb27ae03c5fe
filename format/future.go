package format

import (
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
)

// settle makes of a start or a use in the future the moment when this process saw
// the row say so first: a program's clock may be wrong, or its times those of
// another zone, and a session must end all the same. It reports false where nobody
// can say when that would be.
func (f *Foreign) settle(span *lifespan, r *result, now time.Time, remember bool) bool {
	return f.settleOne(&span.created, colCreated, r, now, remember) && f.settleOne(&span.seen, colSeen, r, now, remember)
}

func (f *Foreign) settleOne(at *time.Time, column string, r *result, now time.Time, remember bool) bool {
	ms := at.UnixMilli()
	if at.IsZero() || !store.IsFuture(ms, now) && f.sighted.Empty() {
		return true
	}
	// Where no end depends on it, there is nothing to remember.
	age := max(f.times.maxAge, f.times.lifetime)
	remember = remember && (f.times.mode != expiresAbsolute || f.times.lifetime > 0)
	t := store.Time{Key: f.rowKey(r.text(colKey)), Column: column, At: ms, Ends: at.Add(time.Duration(age)).UnixMilli()}
	counted, ok := f.sighted.Count(t, now, remember)
	if counted != ms {
		*at = time.UnixMilli(counted)
	}
	return ok
}
