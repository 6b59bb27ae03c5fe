package format

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed-11312c3d/caddy-session/format/payload"
	"github.com/seed-11312c3d/caddy-session/store"
)

// read makes a session of the row, without the user's own row.
func (f *Foreign) read(r *result, now time.Time, remember bool) (*store.Session, error) {
	s, err := f.alive(r, now, remember)
	if err != nil {
		return nil, err
	}
	key := r.text(colKey)
	s.ID = f.rowKey(key).ID()
	if f.decode != nil {
		data, _ := r.column(colPayload)
		if r.tree, err = f.decode(data.bytes(), []byte(key)); err != nil {
			return nil, undecodable(err)
		}
	}
	if s.User = f.userOf(r); s.User == "" {
		return nil, ErrAnonymous
	}
	return s, nil
}

// alive reads when the session started and ends. A list does not remember when it
// saw what first.
func (f *Foreign) alive(r *result, now time.Time, remember bool) (*store.Session, error) {
	var span lifespan
	for i, c := range r.columns {
		if !isTime(c.name) {
			continue
		}
		t, err := f.times.instant(r.cells[i].v)
		if err != nil && err != errNoTime {
			return nil, fmt.Errorf("%w: %s: %w", ErrUndecodable, c.name, err)
		}
		span.set(c.name, t)
	}
	if !f.settle(&span, r, now, remember) {
		return nil, ErrExpired
	}
	end, err := f.times.endOf(span)
	if err != nil || !now.Before(end) {
		return nil, ErrExpired // a row that names no end has none that anybody could trust
	}
	return &store.Session{Created: span.created, Seen: span.seen, Expires: end}, nil
}

// userOf finds the user's id. Zero is nobody: so programs with numbers for ids
// write that no one has logged in.
func (f *Foreign) userOf(r *result) string {
	for _, from := range f.user {
		v := from.value(r)
		if _, isText := v.(string); !isText && f.o.UserType == "text" {
			continue
		}
		if text, ok := payload.TextOf(v); ok && text != "" && text != "0" {
			return text
		}
	}
	return ""
}

// askUser reads the user's row by the id that stood in the payload.
func (f *Foreign) askUser(ctx context.Context, db Database, r *result, user string) error {
	arg := any(user)
	if f.o.Users != nil && f.o.UserQuery == "" {
		var ok bool
		if arg, ok = bind(f.o.Users.KeyType, user); !ok {
			return fmt.Errorf("%w: the user's id is no %s", ErrUndecodable, f.o.Users.KeyType)
		}
	}
	cells := make([]cell, len(f.columns)-f.own)
	found, err := db.Find(ctx, f.ask, arg, destinations(cells)...)
	if errors.Is(err, store.ErrBadValue) {
		return undecodable(err) // it stood in the row
	}
	if err == nil && !found {
		return ErrInactive // a user who was deleted
	}
	r.columns, r.cells = f.columns, append(r.cells, cells...)
	return err
}

// admit applies the checks and completes the identity.
func (f *Foreign) admit(r *result, s *store.Session, now time.Time) error {
	if err := f.pass(r, s.User, now); err != nil {
		return err
	}
	id := store.Identity{User: s.User, Claims: make(store.Claims, len(f.claims))}
	for _, c := range f.claims {
		id.Claims[c.name] = c.from.claim(r)
	}
	id = id.Normalized()
	if err := id.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	s.Claims = id.Claims
	return nil
}

func (f *Foreign) pass(r *result, user string, now time.Time) error {
	// The users' row must be that very user's: a comparison that ignores case
	// would make one user of two. No row at all is a user who was deleted.
	for i, c := range r.columns {
		if c.name == colUserRow || c.name == colUser && i >= f.own {
			if !f.sameKey([]byte(user), r.cells[i]) {
				return ErrInactive
			}
		}
	}
	for _, c := range f.checks {
		if err := c.pass(r, now); err != nil {
			return err
		}
	}
	return nil
}

// rowKey stands for a row, and makes the session's public id. It is made of the
// row's key, not of the cookie: some programs encrypt the cookie anew in each
// response.
func (f *Foreign) rowKey(key string) store.Key { return digest("row", f.o.Name, key) }
