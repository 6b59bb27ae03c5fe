package format

import (
	"context"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
)

// Format is one program's way of keeping sessions in a table.
type Format interface {
	// Lookup turns a cookie's value into what finds its row. It fails with
	// [ErrMalformed] when this realm could not have made the value: then no
	// query is made. It fails with an error that wraps [store.ErrUnavailable]
	// when that cannot be told yet.
	Lookup(cookie string, now time.Time) (Lookup, error)

	// Find asks the database for the row and makes a session of it, or fails
	// with the [Reason] why it is none at the time now. Every other error means
	// that the database cannot tell.
	Find(ctx context.Context, db Database, l Lookup, now time.Time) (*store.Session, error)
}

// Database answers a query with one parameter with at most one row.
type Database interface {
	Find(ctx context.Context, q store.Query, arg any, dest ...any) (found bool, err error)
}

// Lookup is what a cookie is found by.
type Lookup struct {
	// Key stands for the cookie in memory: equal for equal cookies, useless as
	// a cookie. For native sessions it is the row's primary key as well.
	Key store.Key
	// Arg is bound to the query's parameter; nil where that is the Key itself.
	Arg any
	// Proof is what a row must confirm besides being found: the secret half of
	// a cookie of two halves. Nil for programs that have no such cookies.
	Proof []byte
	// Made is when the cookie was made, proved by its MAC, in seconds since 1970;
	// 0: nobody knows.
	Made int64
}

// Reason says in one word why a request has no session. It is what the
// placeholder {http.session.status} shows.
type Reason string

// Why a request has no session.
const (
	// ErrMalformed is a cookie that this realm could not have made.
	ErrMalformed Reason = "malformed"
	// ErrUnknown is a cookie without a row: made up, logged out, or purged.
	ErrUnknown Reason = "unknown"
	// ErrExpired is a session past its idle timeout or its lifetime.
	ErrExpired Reason = "expired"
	// ErrUndecodable is a row that cannot be read as what its format says.
	ErrUndecodable Reason = "undecodable"
	// ErrInactive is a session that its program would refuse: the user is
	// deactivated or gone, the password was changed, a condition is not met.
	ErrInactive Reason = "inactive"
	// ErrAnonymous is a session in which nobody has logged in.
	ErrAnonymous Reason = "anonymous"
	// ErrInvalid is a live session whose identity must not become a header.
	ErrInvalid Reason = "invalid"
)

// Error makes a Reason an error.
func (r Reason) Error() string { return "session is " + string(r) }
