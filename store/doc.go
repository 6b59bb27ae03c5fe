// Package store keeps sessions in a database: a SQLite file, PostgreSQL, or
// MySQL/MariaDB. It knows nothing of HTTP or of Caddy.
//
// A [Store] is one database with its tables; [Sessions] are those of one realm in
// it. A realm is a population of sessions with lifetimes of its own, and none can
// see or end the sessions of another. Many processes may use one database at the
// same time: what they have to agree on stands in it.
//
// For package format a store also reads the tables of other programs, see
// [Access] and the methods that take a [Query]. What follows is about our own.
//
// # The life of a row
//
// Create. [Sessions.Create] makes a token: what it is for, the key's id, the time, 32
// random bytes, and a MAC over these, the realm and the cookie's name. The token goes into the cookie and is kept nowhere. The row is found
// by the SHA-256 of the random bytes, the [Key], so whoever reads the database
// finds nothing that would be a cookie. Its primary key is a number, the first 63
// bits of the Key; the whole is compared. The session that the new one replaces, and
// those that are more than the user may have, end in the same transaction.
//
// Find. [Store.Verify] makes the key of a cookie; a cookie that this store did
// not make ends there, and costs no query: at most one a second, for all together,
// where they name keys that are not known here. [Sessions.Find] reads the row by its
// primary key, with only those columns that a request needs. It does not judge:
// who asks compares Realm, Expires and Seen. On a server, lookups that come at the
// same time go in one statement; in a file, the lookup goes around database/sql.
//
// Touch. [Sessions.Touch] notes in memory that a session was used, and returns at
// once. The notes are written together, every second, but to one row at most once
// in a [Sessions.Interval], on all nodes taken together. They change only rows that
// still live, so a late one never brings back what was ended.
//
// End. [Sessions.Revoke], RevokeID, RevokeUser and RevokeAll delete rows. Without
// them a session ends after its lifetime, at Expires, which never moves; and when
// it was not used for as long as it may be idle, counted from Seen.
//
// Purge. What has ended by itself is deleted later, in the background or by
// [Sessions.Purge], in small batches between which lookups and logins have their
// turn; in the background by the node that has the lease. Expired rows are found by the index on expires.
// Idle ones are found by a walk over the table: an index on seen would have to be
// changed by every touch.
//
// # Errors
//
// That there is no session is never an error. [ErrUnavailable] means that nobody
// can know now, and [ErrUnusable] besides it that a person is needed; a request
// must then be answered with neither yes nor no. [ErrUnreadable] and
// [ErrBadValue] concern one row or one cookie only. Errors say what to do, and hold
// no password, no token and no claim. What a request waits for is bounded: a lookup
// by [Settings].LookupTimeout, everything else by five times that.
//
// [Store.Start] succeeds while the database is merely away, and the store goes on
// trying: a web server must start without its database. [Store.StartNow] is for
// commands, which would rather fail.
//
// # Dialects
//
// Every statement is written once, in queries.go, with ? for parameters and
// {sessions} for a table. What differs between databases is a value of the type
// dialect: how names are quoted and parameters written, what many rows are written
// with, how connections are opened, and which errors mean that the server is away.
// It opens a pool: over pgx's own for PostgreSQL, over database/sql for MySQL and
// SQLite, which adds a second way for lookups in our own file. The build tags
// nosqlite, nopostgres and nomysql leave a dialect out, with its driver; its URLs
// are refused by name then.
//
// # Where things are
//
//	store.go start.go            a store; reaching its database, in the background too
//	connections.go               what the stores of one process share
//	settings.go place.go         which database, how it is used, and where that is
//	session.go sessions.go       a row and what is made of it; ending, listing
//	create.go                    starting a session
//	lifespan.go sightings.go     when a row ends; times in it that lie in the future
//	identity.go                  who somebody is, and what could not be carried in a header
//	usercase.go                  user ids in lower case
//	claims.go claimscan.go       what else is known of a user, as JSON
//	token.go keyring.go keys.go  tokens, MACs, and the secrets that nodes share
//	verify.go                    a cookie's token, also of a key that is new here
//	queries.go placeholder.go    every statement, in the words of a database
//	gather.go                    lookups that go together
//	changes.go                   whether anybody has changed the database; telling others
//	activity.go                  touches that are still to be written
//	abandoned.go                 sessions of logins that failed, or so it seemed
//	collisions.go                what two transactions are in each other's way for
//	purge.go purgeidle.go        deleting what has ended
//	migrate.go migrations.go     making and changing the tables
//	migratesql.go                as a text, for those who do that themselves
//	migraterace.go               by many nodes at once, without a lock
//	lease.go sleep.go            what one node is enough for; when nobody works
//	schema.go                    verifying the tables
//	faults.go unavailable.go     errors that name the database, the cause and the remedy
//	foreign.go                   another program's tables
//	dialect.go pool.go           what differs between databases; connections
//	leftout.go                   databases that a build tag has left out:
//	nosqlite.go nopostgres.go nomysql.go
//	server.go                    what PostgreSQL and MySQL have in common
//	renew.go                     connections to a server that takes no changes, or is silent
//	turns.go                     how many of the connections write
//	sql.go sqlrunner.go          what MySQL and SQLite have in common: database/sql
//
//	postgres.go pgaddress.go     PostgreSQL; its URL for the driver
//	pghosts.go                   which of several hosts comes first
//	pgpool.go pgrunner.go        its connections and statements
//	pgsession.go                 read-only connections, also behind a pooler
//	pghints.go                   telling other nodes of endings, and hearing of theirs
//	pgraces.go                   what nodes are in each other's way with
//
//	mysql.go mysqltls.go         MySQL and MariaDB; TLS
//	mysqlconn.go                 its connections
//	mysqltx.go                   transactions that end in time
//	mysqlraces.go                what nodes are in each other's way with
//
//	sqlite.go sqliteaddress.go   SQLite; which of two files a URL means
//	sqlitefile.go                making the file, and naming it
//	makedir.go owner_unix.go     whose the file is, where root makes it; owner_other.go
//	sqlitewatch.go               a file that vanishes while it is open
//	sqliteread.go                lookups without database/sql, by
//	sqliteconn.go sqlitecolumns.go; sqliteversion.go
//	sqliteforeign.go             another program's file, read without a trace:
//	sqlitereading.go sqlitevfs.go
//	sqliterevoke.go              and written to, where an operator allows it
//
// Package address, below, reads URLs; package storetest starts servers for tests.
//
// # Adding something
//
// A case in contract_test.go comes first: it runs on every database.
//
// A column. A migration, migrations/<database>/NNNN_what.sql, for each database
// with the next number, and the same in schema.sql, which makes the tables of an
// empty database. A migration that has landed is never edited. Other nodes still run
// the version before while yours is rolled out, so the column has a default, and
// the migration says in a line that begins with "-- compatible_from: " which version
// a program must know to go on. Statements run one by one, without a lock, on
// several nodes at once, and again where they were interrupted: they must bear that;
// a statement whose table, column or index is there already counts as done. Then the
// column goes into queries.go, among the hot ones only if each request needs it,
// and into [Row] in the same order.
//
// A statement. Into queries.go, with ? and {sessions}, in SQL that all databases
// know; a method in sessions.go runs it with the store's read, write or inTx.
//
// A database. A dialect and, if database/sql will not do, a pool; a directory of
// migrations; a kind in packages address and storetest. The contract says when it
// is done.
package store
