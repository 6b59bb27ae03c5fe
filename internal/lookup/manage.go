package lookup

import (
	"context"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
)

// CanCreate says why sessions cannot start here; nil: they can.
func (r *Realm) CanCreate() error { return r.backend.canCreate() }

// CanEnd says why the session of a cookie cannot be ended here; nil: it can.
func (r *Realm) CanEnd() error { return r.backend.canEnd() }

// CanEndUser says why a logout cannot end all sessions of its user; nil: it can.
func (r *Realm) CanEndUser() error { return r.backend.canEndUser() }

// Trace goes the way of a cookie's value from step to step, and returns what came
// out in lines for an administrator; the last one is the verdict. Nothing in them
// logs anybody in. It fails when the database cannot tell.
func (r *Realm) Trace(ctx context.Context, value string, now time.Time) ([]string, error) {
	return r.backend.trace(ctx, value, now)
}

// AddColumns adds to another program's table the column by which its sessions
// are listed, and returns how many were missing. Where there is none to add it
// is [ErrForeign].
func (r *Realm) AddColumns(ctx context.Context) (int64, error) {
	if f, ok := r.backend.(*foreign); ok {
		return f.addColumns(ctx)
	}
	return 0, ErrForeign
}

// MigrationSQL returns what brings the module's own tables to the latest version, see
// [store.Store.MigrationSQL]. Of another program's it is [ErrForeign].
func (r *Realm) MigrationSQL(ctx context.Context) (string, error) {
	if n, ok := r.backend.(*native); ok {
		return n.db.MigrationSQL(ctx)
	}
	return "", ErrForeign
}

// HasSessions reports whether there is a session of this realm, over or not. Of
// another program's tables all are.
func (r *Realm) HasSessions(ctx context.Context) (bool, error) {
	if n, ok := r.backend.(*native); ok {
		return n.sessions.Any(ctx)
	}
	return true, nil
}

// UserID returns a user id as the realm has it: in lower case where its settings
// fold them.
func (r *Realm) UserID(user string) string {
	if r.settings.FoldUsers {
		return store.FoldUser(user)
	}
	return user
}

// Create starts a session and returns the token for the cookie. What it
// replaces has ended on this node at once.
func (r *Realm) Create(ctx context.Context, n store.NewSession, now time.Time) (string, *store.Session, error) {
	n.User = r.UserID(n.User)
	token, session, err := r.backend.create(ctx, n, now)
	r.userEnded(n.User) // the oldest may have ended
	if n.Replaces != nil {
		r.sessionEnded(*n.Replaces, err == nil)
		r.noteEnding(ending{key: *n.Replaces}, err)
	}
	return token, session, err
}

// End ends the session that a cookie stands for, on this node at once. Where
// only the row can tell whether the cookie is one, it is looked up first: nobody
// may end a session by the half of a cookie that is no secret.
func (r *Realm) End(ctx context.Context, l format.Lookup) error { return r.EndFor(ctx, "", l) }

// EndFor is End on behalf of a client, see [Realm.FindFor].
func (r *Realm) EndFor(ctx context.Context, client string, l format.Lookup) error {
	user := ""
	if !r.backend.provenByCookie() {
		if err := r.backend.canEnd(); err != nil {
			return err
		}
		session, err := r.FindFor(ctx, client, l, time.Now())
		switch StatusOf(err) {
		case StatusUnavailable:
			return err
		case string(format.ErrUnknown), string(format.ErrMalformed):
			return nil // there is nothing to end
		}
		if session != nil {
			user = session.User // the row may have had another token, too
		}
	}
	err := r.backend.end(ctx, l)
	r.sessionEnded(l.Key, err == nil)
	r.noteEnding(ending{key: l.Key}, err)
	if user != "" {
		r.userEnded(user)
	}
	return err
}

// EndID ends the session with a public id, on this node at once, and returns
// how many that were.
func (r *Realm) EndID(ctx context.Context, id string) (int64, error) {
	session, err := r.backend.show(ctx, id, time.Now())
	if err != nil {
		return 0, err
	}
	count, err := r.backend.endID(ctx, id)
	if session != nil {
		r.sessionEnded(session.Key, err == nil)
		r.userEnded(session.User)
		r.noteEnding(ending{key: session.Key}, err)
	}
	return count, err
}

// EndUser ends all sessions of a user, on this node at once, and returns how
// many.
func (r *Realm) EndUser(ctx context.Context, user string) (int64, error) {
	user = r.UserID(user)
	count, err := r.backend.endUser(ctx, user)
	r.userEnded(user)
	r.noteEnding(ending{user: user}, err)
	return count, err
}

// noteEnding remembers what has ended for certain, in case the database forgets it.
func (r *Realm) noteEnding(what ending, err error) {
	if err == nil {
		r.table.endings.note(what)
	}
}

// EndUserOf ends all sessions of the user of the one that a cookie stands for.
// A session from memory will do: whose it is does not change.
func (r *Realm) EndUserOf(ctx context.Context, client string, l format.Lookup) error {
	session, err := r.FindFor(ctx, client, l, time.Now())
	switch StatusOf(err) {
	case StatusOK, StatusStale:
		_, err = r.EndUser(ctx, session.User)
		return err
	case StatusUnavailable:
		return err
	}
	return r.EndFor(ctx, client, l)
}

// EndAll ends all sessions, on this node at once, and returns how many.
func (r *Realm) EndAll(ctx context.Context) (int64, error) {
	count, err := r.backend.endAll(ctx)
	r.allEnded()
	r.noteEnding(ending{}, err)
	return count, err
}

// List returns live sessions, the newest first, of a user if one is named.
func (r *Realm) List(ctx context.Context, user string, limit int, now time.Time) ([]*store.Session, error) {
	return r.backend.list(ctx, r.UserID(user), limit, now)
}

// Show returns the live session with a public id, or nil.
func (r *Realm) Show(ctx context.Context, id string, now time.Time) (*store.Session, error) {
	return r.backend.show(ctx, id, now)
}

// Count counts live sessions, of a user if one is named.
func (r *Realm) Count(ctx context.Context, user string, now time.Time) (int64, error) {
	return r.backend.count(ctx, r.UserID(user), now)
}

// Purge deletes sessions that are over, or idle for too long, and returns how
// many.
func (r *Realm) Purge(ctx context.Context, now time.Time) (int64, error) {
	return r.backend.purge(ctx, now, true)
}

// PurgeExpired is Purge where nobody says how long sessions may be idle.
func (r *Realm) PurgeExpired(ctx context.Context, now time.Time) (int64, error) {
	return r.backend.purge(ctx, now, false)
}

// State says what the database is. It fails when sessions cannot be read there.
func (r *Realm) State(ctx context.Context) (State, error) { return r.backend.state(ctx) }
