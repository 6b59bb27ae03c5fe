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

	user      []source // of the user's id, tried in order; empty: the column
	claims    []claim
	checks    []guard
	translate translate
}

// translate makes a query of a statement with `?`, in the words of a database.
type translate = func(text string) store.Query

// claim is what is known of a user, and where from.
type claim struct {
	name string
	from source
}

// New makes a format of a configuration. The dialect is the kind of database:
// sqlite, postgres or mysql; query puts a statement into its words. Whatever
// can be known to be wrong without asking the database is an error here.
func New(o Options, kind string, query func(text string) store.Query) (*Foreign, error) {
	full, tries, err := o.resolve(sqltext.Dialect(kind))
	if err != nil {
		return nil, fmt.Errorf("format %s: %w", o.Name, err)
	}
	f := &Foreign{o: full, dialect: sqltext.Dialect(kind), tries: tries, translate: query}
	if err := f.build(); err != nil {
		return nil, fmt.Errorf("format %s: %w", o.Name, err)
	}
	return f, nil
}
