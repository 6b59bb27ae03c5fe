package format

import (
	"fmt"

	"github.com/seed-11312c3d/caddy-session/format/sqltext"
	"github.com/seed-11312c3d/caddy-session/store"
)

// Foreign reads another program's sessions. It never changes them.
type Foreign struct {
	o       Options
	dialect sqltext.Dialect
	tries   int
	token   *tokenChain
	decode  decoder
	times   schedule

	find, ask store.Query // the session; then the user, where that is a query of its own
	columns   []column    // of both results
	own       int         // how many of them are the session's
	asks      bool        // whether there is a query for the user

	user   []source // of the user's id, tried in order; empty: the column
	claims []claim
	checks []check
	// credentials are the program's other cookies that no app may see or set.
	credentials []credential
	translate   translate

	sighted  *store.Sightings
	makes    bool // see [Program]
	notes    []string
	listed   bool
	listedBy string
}

// translate makes a query of a statement with `?`, in the words of a database.
type translate = func(text string) store.Query

// claim is what is known of a user, and where from.
type claim struct {
	name string
	from source
}

// New makes a format of a program's sessions; query puts a statement into the
// words of its database. Whatever can be known to be wrong without asking the
// database is an error here.
func New(p Program, query func(text string) store.Query) (*Foreign, error) {
	f := &Foreign{
		sighted: store.NewSightings(),
		o:       p.Options.completed(p.Dialect), dialect: p.Dialect, tries: max(p.Tries, 1),
		makes: p.MakesTable, notes: p.Notes, listed: p.Listed, listedBy: p.ListedBy, translate: query,
	}
	err := f.o.validate()
	if err == nil {
		err = f.build()
	}
	if err != nil {
		return nil, fmt.Errorf("format %s: %w", p.Options.Name, err)
	}
	return f, nil
}
