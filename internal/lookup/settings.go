package lookup

import (
	"errors"
	"fmt"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
)

// Settings are all that a realm at work depends on. Two that are equal are one
// realm, whose database, cache and pending activity survive a reload.
type Settings struct {
	// Realm is the realm's name.
	Realm string
	// Cookie is the name of the cookie that the module's own tokens are made for.
	Cookie string
	// Lag is how much later than others a node of the database may know of a login;
	// 0: all know at once, or nearly so.
	Lag time.Duration
	// Format is another program's format as JSON; empty: the module's own.
	Format string
	// Store is the database.
	Store store.Settings
	// Idle and Lifetime are when the module's own sessions end, MaxLifetime when
	// those end that have a lifetime of their own; 0: when the others do.
	Idle, Lifetime, MaxLifetime time.Duration
	// CacheTTL is how long a session is remembered; 0: not at all.
	CacheTTL time.Duration
	// Recheck is how often the database is asked again for sessions that are in use;
	// 0: only when CacheTTL is over.
	Recheck time.Duration
	// StaleIfError is for how long beyond that it is served while the database
	// cannot be asked.
	StaleIfError time.Duration
	// MaxUnknown is how many sessions that do not exist may be looked up a second for
	// one client's address, where cookies have no signature; 0: as many as come.
	MaxUnknown int
	// FoldUsers says that user ids are taken in lower case, wherever they come from.
	FoldUsers bool
	// MaxPerUser is how many sessions a user may have.
	MaxPerUser int
}

// FoldsUsers reports whether the word of the option user_case folds user ids. It
// refuses to fold those of another program: there, Alice and alice may be two
// people, and its tables are searched by its own spelling.
func FoldsUsers(word string, foreign bool) (bool, error) {
	const lower = "lower"
	switch {
	case word == "":
		return false, nil
	case word != lower:
		return false, fmt.Errorf("user_case is %s, not %q; leave it out to keep user ids as they are", lower, word)
	case foreign:
		return false, errors.New("user_case: the user ids of this realm are another program's, for which Alice and alice may be two people; leave it out, and fold them in the program")
	}
	return true, nil
}
