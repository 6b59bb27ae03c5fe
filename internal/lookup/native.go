package lookup

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
)

// native are the module's own sessions.
type native struct {
	format.Native
	db         *database
	sessions   *store.Sessions
	maxPerUser int
}

func newNative(s Settings, db *database) *native {
	sessions := db.Sessions(s.Realm, s.Idle, s.Lifetime).AtMost(s.MaxLifetime).InCookie(s.Cookie)
	return &native{
		Native: format.Native{Realm: s.Realm, Cookie: s.Cookie, Store: db.Store, Sessions: sessions, Idle: s.Idle, FoldUsers: s.FoldUsers},
		db:     db, sessions: sessions, maxPerUser: s.MaxPerUser,
	}
}

func (n *native) start(ctx context.Context, open opener) error { return open(n.db.Store, ctx) }
func (n *native) close() error                                 { return nil }
func (n *native) closeNow() error                              { return nil }
func (n *native) cookie() string                               { return "" }
func (n *native) cookieElse() string                           { return "" }
func (n *native) isCredential(string) bool                     { return false }
func (n *native) tries() int                                   { return 1 }
func (n *native) companionKeys() *store.Keyring                { return n.db.Keys() }
func (n *native) provenByCookie() bool                         { return true } // its MAC
func (n *native) signed() bool                                 { return true }
func (n *native) interval() time.Duration                      { return n.sessions.Interval() }
func (n *native) touch(key store.Key, now time.Time)           { n.sessions.Touch(key, now) }
func (n *native) canCreate() error                             { return nil }
func (n *native) canEnd() error                                { return nil }
func (n *native) canEndUser() error                            { return nil }

func (n *native) trace(ctx context.Context, value string, now time.Time) ([]string, error) {
	lines := []string{fmt.Sprintf("cookie: %d bytes; a token has %d", len(value), store.TokenLen)}
	l, err := n.Lookup(value, now)
	switch {
	case StatusOf(err) == StatusUnavailable:
		return lines, err
	case err != nil:
		return append(lines, "verdict: "+err.Error()+": its MAC is of no key of this realm"), nil
	}
	lines = append(lines, "MAC: of this realm")
	s, err := n.Find(ctx, n.db, l, now)
	switch {
	case StatusOf(err) == StatusUnavailable:
		return lines, err
	case err != nil:
		return append(lines, "verdict: "+err.Error()), nil
	}
	return append(lines, fmt.Sprintf("verdict: ok, user %q until %s", s.User, s.Expires.UTC().Format(time.RFC3339))), nil
}

func (n *native) mints(text string) (mints, known bool) {
	if !store.WellFormed(text) {
		return false, true
	}
	keys := n.db.Keys()
	if keys == nil {
		return true, false
	}
	_, mints = keys.Verify(n.Realm, n.Cookie, text)
	if !mints && keys.Lacks(text) {
		return true, false
	}
	return mints, true
}

func (n *native) state(ctx context.Context) (State, error) {
	version, known, err := n.db.SchemaVersion(ctx)
	return State{Database: n.db.Dialect(), Schema: version, SchemaKnown: known}, err
}

func (n *native) create(ctx context.Context, fresh store.NewSession, now time.Time) (string, *store.Session, error) {
	fresh.MaxPerUser = n.maxPerUser
	return n.sessions.Create(ctx, fresh, now)
}

func (n *native) end(ctx context.Context, l format.Lookup) error {
	_, err := n.sessions.Revoke(ctx, l.Key)
	return err
}

func (n *native) endID(ctx context.Context, id string) (int64, error) {
	return n.sessions.RevokeID(ctx, id)
}

func (n *native) endUser(ctx context.Context, user string) (int64, error) {
	return n.sessions.RevokeUser(ctx, user)
}

func (n *native) endAll(ctx context.Context) (int64, error) { return n.sessions.RevokeAll(ctx) }

func (n *native) list(ctx context.Context, user string, limit int, now time.Time) ([]*store.Session, error) {
	list, err := n.sessions.List(ctx, user, limit, now)
	return slices.DeleteFunc(list, n.isFromBefore), err
}

func (n *native) show(ctx context.Context, id string, now time.Time) (*store.Session, error) {
	s, err := n.sessions.Show(ctx, id, now)
	if s != nil && n.isFromBefore(s) {
		s = nil
	}
	return s, err
}

// isFromBefore reports a session whose user id is in upper case although all are
// folded: requests do not find it either.
func (n *native) isFromBefore(s *store.Session) bool {
	return n.FoldUsers && s.User != store.FoldUser(s.User)
}

func (n *native) count(ctx context.Context, user string, now time.Time) (int64, error) {
	return n.sessions.Count(ctx, user, now)
}

func (n *native) purge(ctx context.Context, now time.Time, idle bool) (int64, error) {
	if idle {
		return n.sessions.Purge(ctx, now)
	}
	return n.db.Purge(ctx, now)
}
