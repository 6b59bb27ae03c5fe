package format

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/seed-11312c3d/caddy-session/format/token"
	"github.com/seed-11312c3d/caddy-session/store"
)

// Lookup implements [Format].
func (f *Foreign) Lookup(cookie string, now time.Time) (Lookup, error) {
	key, err := f.token.open(cookie, now)
	if err != nil {
		return Lookup{}, malformed(err)
	}
	l := Lookup{}
	if f.token.proves != nil {
		id, secret, err := token.Split(key)
		if err != nil {
			return Lookup{}, ErrMalformed
		}
		key, l.Proof = id, []byte(secret)
	}
	var ok bool
	if l.Arg, ok = bind(f.o.KeyType, key); !ok {
		return Lookup{}, ErrMalformed
	}
	// Not of the cookie's text: some programs encrypt it anew in each response,
	// and a logout must end a session under each of its spellings.
	l.Key = digest("cookie", f.o.Name, string(bound(l.Arg)), string(l.Proof))
	return l, nil
}

// malformed keeps what a step has to say, if it says more than that.
func malformed(err error) error {
	if err == token.ErrBad || !strings.HasPrefix(err.Error(), token.ErrBad.Error()+": ") {
		return ErrMalformed
	}
	return fmt.Errorf("%w: %w", ErrMalformed, err)
}

// Find implements [Format].
func (f *Foreign) Find(ctx context.Context, db Database, l Lookup, now time.Time) (*store.Session, error) {
	r := &result{columns: f.columns[:f.own], cells: make([]cell, f.own)}
	found, err := db.Find(ctx, f.find, l.Arg, destinations(r.cells)...)
	switch {
	case errors.Is(err, store.ErrBadValue):
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	case err != nil:
		return nil, err
	case !found || !f.isAsked(r, l):
		return nil, ErrUnknown
	}
	s, err := f.read(r, now, true)
	if err != nil {
		return nil, err
	}
	if f.asks {
		if err := f.askUser(ctx, db, r, s.User); err != nil {
			return nil, err
		}
	}
	if err := f.admit(r, s, now); err != nil {
		return nil, err
	}
	s.Key = l.Key
	return s, nil
}

// isAsked checks that the row is the one that the cookie stands for.
func (f *Foreign) isAsked(r *result, l Lookup) bool {
	want := bound(l.Arg)
	key, _ := r.column(colKey)
	isKey := f.sameKey(want, key)
	if old, ok := r.column(colOldKey); ok && f.sameKey(want, old) {
		isKey = true
	}
	return isKey && f.proven(r, l)
}

func (f *Foreign) proven(r *result, l Lookup) bool {
	if f.token.proves == nil {
		return true
	}
	proof, _ := r.column(colProof)
	raw := proof.bytes()
	if len(raw) == 64 {
		if hash, err := token.OpenHex(string(raw), time.Time{}); err == nil {
			raw = []byte(hash) // some programs keep the hash as text
		}
	}
	return f.token.proves(string(l.Proof), raw)
}

// IsSigned reports whether [Foreign.Lookup] lets nothing through that was not made
// with the program's secret. Otherwise anybody can make up a cookie that costs a
// query.
func (f *Foreign) IsSigned() bool { return f.token.signed }
