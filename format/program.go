package format

import "github.com/seed-11312c3d/caddy-session/format/sqltext"

// Program is how a program keeps its sessions in one kind of database: all that
// [New] needs to know. Package preset makes it of what an operator says.
type Program struct {
	// Options name the table, its columns and all else that the program has.
	// Nothing in them is off any more: what is not wanted is not there.
	Options Options
	// Dialect is the kind of database that the options are for.
	Dialect sqltext.Dialect
	// Tries is how many cookies of one name, with different values, the program
	// itself tries one after the other. Default: 1.
	Tries int
	// MakesTable says that the program makes its table when it is first used. Until
	// then nobody can know of any session, and that is no mistake in a configuration.
	MakesTable bool
	// Notes say what an operator should know of the choices that were made: lines
	// of [Foreign.Describe].
	Notes []string
	// Listed says that the sessions can be listed and ended by an administrator,
	// see [Foreign.Admin].
	Listed bool
	// ListedBy is the column by which they are, where it is only good for that: a
	// user's id that nobody is let in by. Default: the column user_id.
	ListedBy string
}
