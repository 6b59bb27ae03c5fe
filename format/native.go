package format

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
)

// Native is the module's own format: tokens with a MAC, rows found by the
// SHA-256 of the token, an idle timeout and a lifetime.
type Native struct {
	// Realm is the population of sessions that rows must belong to.
	Realm string
	// Cookie is the name of the cookie that tokens are made for.
	Cookie string
	// Store knows the MAC keys.
	Store *store.Store
	// Sessions are the rows, and know how long they live at most.
	Sessions *store.Sessions
	// Idle is how long a session lives without a request.
	Idle time.Duration
	// FoldUsers says that user ids are in lower case, see [store.FoldUser]. A row of
	// another one is from before that was said, and over: what ends or lists the
	// sessions of a user would not find it.
	FoldUsers bool
}

// Lookup checks the MAC, so a made-up cookie costs no query.
func (n *Native) Lookup(cookie string, _ time.Time) (Lookup, error) {
	if !store.WellFormed(cookie) {
		return Lookup{}, ErrMalformed
	}
	token, ok, err := n.Store.Verify(n.Realm, n.Cookie, cookie)
	switch {
	case err != nil:
		return Lookup{}, err
	case !ok:
		return Lookup{}, ErrMalformed
	}
	return Lookup{Key: token.Key, Made: token.Made}, nil // the key is what the row is found by, too
}

// Find asks for the row by its primary key.
func (n *Native) Find(_ context.Context, _ Database, l Lookup, now time.Time) (*store.Session, error) {
	row, err := n.Sessions.Find(l.Key)
	switch {
	case errors.Is(err, store.ErrUnreadable):
		return nil, ErrUndecodable
	case err != nil:
		return nil, err
	case row == nil:
		return nil, ErrUnknown
	}
	return n.session(row, l.Key, now)
}

// FindMany is Find for many sessions in one statement. It fails as a whole, also where
// one row cannot be read: each has its own outcome by Find.
func (n *Native) FindMany(all []Lookup, now time.Time) ([]Found, error) {
	keys := make([]store.Key, len(all))
	for i, l := range all {
		keys[i] = l.Key
	}
	rows, err := n.Sessions.FindMany(keys)
	if err != nil {
		return nil, err
	}
	found := make([]Found, len(all))
	for i, key := range keys {
		found[i].Err = ErrUnknown
		if row := rows[key]; row != nil {
			found[i].Session, found[i].Err = n.session(row, key, now)
		}
	}
	return found, nil
}

// Found is the outcome of one lookup of many.
type Found struct {
	// Session is what was found, or nil.
	Session *store.Session
	// Err says why there is none.
	Err error
}

// session checks that the row is the one that was asked for, in this realm, and alive.
func (n *Native) session(row *store.Row, key store.Key, now time.Time) (*store.Session, error) {
	// The row that came back is compared with the key that was asked for: a
	// driver that mixes up answers must never hand out somebody's identity.
	if !bytes.Equal(row.Key, key[:]) || row.Realm != n.Realm {
		return nil, ErrUnknown
	}
	ms := now.UnixMilli()
	span := n.Sessions.Lifespan(row, now)
	if span.Ends <= ms || span.Seen+n.Idle.Milliseconds() <= ms {
		return nil, ErrExpired
	}
	s, err := row.Session()
	if err != nil {
		return nil, ErrUndecodable
	}
	span.Set(s)
	if n.FoldUsers && s.User != store.FoldUser(s.User) {
		return nil, ErrExpired
	}
	if (store.Identity{User: s.User, Claims: s.Claims}).Check() != nil {
		return nil, ErrInvalid
	}
	return s, nil
}
