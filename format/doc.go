// Package format says whose sessions a realm holds: how a cookie becomes what a
// row is found by, and how a row becomes an identity. A [Native] format has the
// module's own sessions, a [Foreign] one reads the tables of another program and
// never changes them.
//
// Formats are pure. They read no clock, no network and no database: the time is
// handed to them, and so is a [Database] that answers one query. One format
// serves all requests of a realm at once.
//
// # The life of a cookie
//
//	cookie ──Lookup──> Lookup{Key, Arg, Proof} ──Find──> *store.Session, or a Reason
//
// Lookup costs no query. The token steps of the configuration undo what the
// program did to its session's id (package token has them) and refuse whatever it
// could not have made. What is left is made fit for the key's column: Arg. Key is
// a digest of it, by which memory knows the session and nobody can log in.
//
// Find asks for the row and, where the session's row names the user, for the user
// with it. Then, in this order: the key that came back is compared with the one
// that was asked for, byte by byte; the row's times say whether it has ended; the
// payload is decoded (package payload) and the user's id found; where that id
// stands only in the payload, a second query asks for the user; the checks are
// made; and what is known of the user becomes claims, if it is fit for a header.
// The first of these that fails is the [Reason] why there is no session. An error
// that is no Reason means that the database could not tell: then nobody is logged
// out, and nobody is let in.
//
// # From a configuration to a format
//
// An operator says as little as the program's name, in [Options]. Package preset
// completes them to a [Program], and [New] makes a Foreign of that. Everything
// that can be known to be wrong without asking a database is an error of these
// two; whether the tables and columns are there is known once [Foreign.Queries]
// can be prepared.
//
// # Where things are
//
//	format.go                       the interface, Lookup, Reason
//	native.go                       the module's own sessions
//	options.go duration.go words.go what an operator can say: in Go, JSON, a Caddyfile
//	program.go complete.go          what New takes; defaults, and checks of each word
//	foreign.go build.go             the format of a program, and how it is built
//	steps.go step_make.go key.go    a cookie's token steps; keys and their columns
//	columns.go query.go             names of columns; the queries
//	find.go row.go                  Lookup and Find
//	source.go value.go              where a value comes from: a column or the payload
//	decoder.go expiry.go checks.go  payloads; when a session ends; what must hold
//	future.go                       starts and uses that lie in the future
//	credentials.go                  the program's other cookies that let somebody in
//	admin.go describe.go upkeep.go  what the command line lists, ends and tells
//	trace.go                        a cookie's way, step by step, for an administrator
//
//	token/       cookie text to key: a file for each scheme; knows no SQL, no rows
//	payload/     payload bytes to a tree of values; knows no cookie, no secret
//	sqltext/     what differs between databases
//	preset/      the programs, a file for each
//	vectortest/  rows and cookies that real programs made, for tests
//
// Arrows go one way: preset uses format, format uses token, token uses payload,
// and sqltext is below preset and format.
//
// # Adding to it
//
// A program is a file in preset, a way of signing cookies one in token, a way of
// writing payloads one in payload; their package comments say how. A token step
// is a line in the table in steps.go. A word of configurations is a field of
// [Options], a line in words.go and one in preset's merge.go. A check of rows that
// is more than a condition on a column is a case in checks.go. The tests of
// docs/formats.md fail until that page tells of it, too.
package format
