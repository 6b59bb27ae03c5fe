package lookup

import (
	"context"
	"errors"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
)

// backend is whose sessions a realm has: the module's own, or another
// program's. Not finding what is to end is no error. What a backend cannot do
// is one of the errors below.
type backend interface {
	format.Format

	// start opens the databases, each with open, and checks that what is needed
	// is there.
	start(ctx context.Context, open opener) error
	// close gives back what the backend has opened for itself; closeNow ends it.
	close() error
	closeNow() error
	// state says what the database is, and fails when sessions cannot be read there.
	state(ctx context.Context) (State, error)

	// trace goes the way of a cookie's value, in lines that give nothing away.
	trace(ctx context.Context, value string, now time.Time) ([]string, error)

	// cookie is the program's own name for the cookie; empty: it has none.
	cookie() string
	// cookieElse is its name where there is none of the first.
	cookieElse() string
	// isCredential reports whether a cookie of that name is another key of the
	// program's.
	isCredential(name string) bool
	// tries is how many different values of the cookie are looked at.
	tries() int
	// companionKeys are the keys for companion cookies, or nil while, or where,
	// there are none.
	companionKeys() *store.Keyring
	// mints reports whether a text is a token of this realm, by the text alone.
	// While its keys are not known, known is false and mints is whether the text
	// has the form of one.
	mints(text string) (mints, known bool)
	// provenByCookie: whether a session is the browser's is known from the
	// cookie alone. Otherwise only the row can tell.
	provenByCookie() bool

	// signed: no cookie gets as far as the database that was not made with a secret.
	signed() bool

	// interval is how much time lies at least between two times that activity
	// is written for a session; 0: it is never.
	interval() time.Duration
	// touch notes activity, to be written later.
	touch(key store.Key, now time.Time)

	canCreate() error
	canEnd() error
	canEndUser() error
	create(ctx context.Context, n store.NewSession, now time.Time) (token string, s *store.Session, err error)
	// end ends the session that a cookie stands for.
	end(ctx context.Context, l format.Lookup) error
	// endID, endUser and endAll end sessions and return how many.
	endID(ctx context.Context, id string) (int64, error)
	endUser(ctx context.Context, user string) (int64, error)
	endAll(ctx context.Context) (int64, error)

	// list returns live sessions, of a user if one is named.
	list(ctx context.Context, user string, limit int, now time.Time) ([]*store.Session, error)
	// show returns the live session with a public id, or nil.
	show(ctx context.Context, id string, now time.Time) (*store.Session, error)
	count(ctx context.Context, user string, now time.Time) (int64, error)
	// purge deletes sessions that are over, and those idle for too long if idle
	// says so, and returns how many.
	purge(ctx context.Context, now time.Time, idle bool) (int64, error)
}

// opener starts a store: [store.Store.Start] or [store.Store.StartNow].
type opener func(s *store.Store, ctx context.Context) error

// State is what can be said of a realm's database.
type State struct {
	// Database is its kind: sqlite, postgres or mysql.
	Database string
	// Schema and SchemaKnown are the version of the module's own tables, and
	// the newest that this program knows.
	Schema, SchemaKnown int
	// Foreign says in words how another program's sessions are read; empty
	// where they are the module's own.
	Foreign []string
}

// What the sessions of other programs do not offer.
var (
	// ErrForeign: they start and end elsewhere.
	ErrForeign = errors.New("the sessions of this realm are another program's; they start and end there")
	// ErrNotListed: their tables do not say enough.
	ErrNotListed = errors.New("the sessions of this program cannot be listed here; its own administration can")
	// ErrOneUser: their tables are read by user.
	ErrOneUser = errors.New("the sessions of this program can be listed for one user only; add --user")
)
