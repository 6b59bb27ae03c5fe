package store

import (
	"context"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// Sessions are the module's own sessions of one realm. All methods may be called by
// many at the same time. Those that ask the database fail with [ErrUnavailable] when
// it cannot be asked, and do not end when their context is cancelled, only at its
// deadline: half a login is worse than a late one. Only Purge ends with its context.
// Times count in milliseconds, and now is the caller's.
type Sessions struct {
	store          *Store
	realm, cookie  string
	idle, lifetime time.Duration
	longest        time.Duration // lifetime that a session may have
}

// Sessions returns those of a realm. They end when they were not used for as
// long as idle, and after lifetime at the latest. The store remembers the longest
// idle of each realm, and purges what was not used for longer.
func (s *Store) Sessions(realm string, idle, lifetime time.Duration) *Sessions {
	s.idle.tell(realm, idle)
	return &Sessions{store: s, realm: realm, idle: idle, lifetime: lifetime, longest: lifetime}
}

// AtMost returns the same sessions, of which those with a [NewSession.Lifetime] of
// their own may live as long as longest, which is never less than the lifetime of
// the others. It counts whenever a session is looked up: lowering it ends what
// is older at once. A row does not say whose lifetime it has: where longest is
// above the lifetime, what was started under a longer one lives on up to there.
func (x *Sessions) AtMost(longest time.Duration) *Sessions {
	capped := *x
	capped.longest = max(longest, x.lifetime)
	return &capped
}

// InCookie returns the same sessions, whose tokens are made for a cookie of that
// name: under another one they are nothing.
func (x *Sessions) InCookie(name string) *Sessions {
	named := *x
	named.cookie = name
	return &named
}

// Interval is how much time lies at least between two times that are written
// for a session: a minute, or a twentieth of the idle timeout if that is longer,
// and at most a quarter of it.
func (x *Sessions) Interval() time.Duration { return touchInterval(x.idle) }

func touchInterval(idle time.Duration) time.Duration {
	return min(max(time.Minute, idle/20), idle/4).Truncate(time.Millisecond) // as rows have it
}

// Touch notes that a session was used. It never waits for the database: the
// note is written later, and only if the session still exists then and no node
// has written one within the last [Sessions.Interval].
func (x *Sessions) Touch(key Key, seen time.Time) {
	x.store.activity.add(key, note{seen.UnixMilli(), seen.Add(-x.Interval()).UnixMilli()})
}

// Revoke ends a session, and reports whether there was one.
func (x *Sessions) Revoke(ctx context.Context, key Key) (bool, error) {
	n, err := x.store.end(ctx, "ending a session", deleteSession, x.one(key)...)
	return n > 0, err
}

// one is what finds a session of this realm.
func (x *Sessions) one(key Key) []any { return []any{key.number(), key[:], x.realm} }

// RevokeID ends the session with a public id, and returns how many that were. What
// is no id is an error, as it is of [Sessions.Show].
func (x *Sessions) RevokeID(ctx context.Context, id string) (int64, error) {
	lo, hi, err := ParseID(id)
	if err != nil {
		return 0, err
	}
	return x.store.end(ctx, "ending a session", deleteSessionByID, lo.number(), lo[:], hi[:], x.realm)
}

// RevokeUser ends all sessions of a user, and returns how many that were.
func (x *Sessions) RevokeUser(ctx context.Context, user string) (int64, error) {
	if !storable(user) {
		return 0, nil
	}
	return x.store.end(ctx, "ending a user's sessions", deleteUser, user, x.realm)
}

// RevokeAll ends all sessions of the realm, and returns how many that were.
func (x *Sessions) RevokeAll(ctx context.Context) (int64, error) {
	return x.store.end(ctx, "ending all sessions", deleteRealm, x.realm)
}

// Count returns how many sessions a user has now, or the realm if user is empty.
func (x *Sessions) Count(ctx context.Context, user string, now time.Time) (n int64, err error) {
	if !storable(user) {
		return 0, nil
	}
	text, args := x.living(countRealm, countUser, user, now)
	err = x.store.read(ctx, "counting sessions", text, args, func(scan scan) error { return scan(&n) })
	return n, err
}

// Any reports whether the table has a session of the realm, over or not.
func (x *Sessions) Any(ctx context.Context) (found bool, err error) {
	err = x.store.read(ctx, "looking for sessions of the realm", anyOfRealm, []any{x.realm}, func(scan scan) error {
		found = true
		return scan(new(int))
	})
	return found, err
}

// List returns the sessions that a user has now, newest first, or those of the
// realm if user is empty; at most limit of them, all if limit is below 1.
func (x *Sessions) List(ctx context.Context, user string, limit int, now time.Time) ([]*Session, error) {
	if !storable(user) {
		return nil, nil
	}
	if limit < 1 {
		limit = math.MaxInt32
	}
	text, args := x.living(listRealm, listUser, user, now)
	var list []*Session
	err := x.store.read(ctx, "listing sessions", text, append(args, int64(limit)), func(scan scan) error {
		var row Row
		if err := scan(row.columns()...); err != nil {
			return err
		}
		// A row that cannot be read must not hide the others.
		if s := x.listed(&row, now); s != nil {
			list = append(list, s)
		}
		return nil
	})
	return list, err
}

// living chooses between two statements over sessions that have not ended, and
// returns their arguments.
func (x *Sessions) living(ofRealm, ofUser, user string, now time.Time) (string, []any) {
	args := x.livingArgs(now)
	if user == "" {
		return ofRealm, args
	}
	return ofUser, append(args, user)
}

// Show returns the live session with a public id, or nil if there is none.
func (x *Sessions) Show(ctx context.Context, id string, now time.Time) (s *Session, err error) {
	lo, hi, err := ParseID(id)
	if err != nil {
		return nil, err
	}
	args := append(x.livingArgs(now), lo.number(), lo[:], hi[:])
	err = x.store.read(ctx, "finding a session by its id", showSession, args, func(scan scan) error {
		var row Row
		if err := scan(row.columns()...); err != nil {
			return err
		}
		s = x.listed(&row, now)
		return nil
	})
	return s, err
}

// livingArgs are what tells a session of the realm that has not ended.
func (x *Sessions) livingArgs(now time.Time) []any {
	return []any{x.realm, now.UnixMilli(), now.Add(-x.idle).UnixMilli(), now.Add(-x.longest).UnixMilli()}
}

// storable reports whether a user id could be in the database at all.
// PostgreSQL refuses to compare with anything else.
func storable(user string) bool {
	return utf8.ValidString(user) && !strings.ContainsRune(user, 0)
}
