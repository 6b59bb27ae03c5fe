//go:build !nosqlite

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	sqlitedriver "modernc.org/sqlite" // pure Go; registers itself as "sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/seed-11312c3d/caddy-session/store/address"
)

var sqlite = dialect{
	name:     "sqlite",
	example:  "sqlite:PATH",
	quote:    `"`,
	embedded: true,
	check: func(s Settings) error {
		_, err := sqlitePath(s.URL)
		return err
	},
	open:      openSQLite,
	away:      sqliteAway,
	noTable:   sqliteSays("no such table"),
	noColumn:  sqliteSays("no such column", "has no column named"),
	badValue:  sqliteSays("malformed JSON"),
	readOnly:  sqliteReadOnly,
	locked:    sqliteBusy,
	refused:   refusesNothing,
	collided:  isNever, // there is one writer at a time, whose transaction begins with its lock
	exists:    isNever,
	raced:     isNever,
	duplicate: sqliteDuplicate,
	full:      isNever,
}

// walLimit bounds the WAL, in bytes, after a reader has kept it from being
// reused: SQLite cuts it down to twice what it checkpoints at. By itself it
// would keep the size that it once had.
const walLimit = "journal_size_limit(8388608)"

// sqlitePath returns the file that a URL names.
func sqlitePath(raw string) (string, error) {
	a, err := address.Parse(raw)
	return a.Path, err
}

func openSQLite(ctx context.Context, s Settings) (pool, error) {
	path, err := s.sqliteFile()
	if err != nil {
		return nil, err
	}
	if s.Access != Own {
		return openForeign(path, s)
	}
	write, err := sql.Open("sqlite", sqliteDSN(path, "rw", s.lockPatience(), "journal_mode(WAL)", "synchronous(FULL)", walLimit))
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1) // SQLite has one writer; a second would only wait for it
	if err := connectWriter(ctx, write); err != nil {
		return nil, errors.Join(err, write.Close())
	}
	file, err := newOpenFile(path)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read, err := sql.Open("sqlite", sqliteDSN(path, "rw", s.LookupTimeout, "query_only(1)"))
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(s.readers())
	read.SetMaxIdleConns(s.readers())
	p := &sqlPool{
		file:   file,
		read:   &preparing{db: read},
		write:  &preparing{db: write},
		broken: func(error) bool { return false }, // there is nothing in between that could break
	}
	return newSQLitePool(p, path, s), nil
}

// minReaders is how many connections read a file at least, if nobody says how many.
const minReaders = 2

// readers is the number of connections that read a SQLite file.
func (s Settings) readers() int {
	if s.MaxConns > 0 {
		return s.MaxConns
	}
	return max(minReaders, runtime.GOMAXPROCS(0))
}

// sqliteFile returns the path of the file, which is made where the tables are
// to be the module's own.
func (s Settings) sqliteFile() (string, error) {
	a, err := address.Parse(s.URL)
	if err != nil {
		return "", err
	}
	path, err := whichFile(a)
	switch {
	case err != nil || s.Access != Own:
		return path, err
	case a.Mode == "ro":
		return "", errors.New("the database's URL says mode=ro, and sessions of its own a realm must write; leave it out")
	case s.Existing || a.Mode == "rw":
		return existingFile(path)
	}
	return createFile(path)
}

// lockPatience is how long a write waits for another process's. It ends before
// the statement's own time does, so that the lock is what is told.
func (s Settings) lockPatience() time.Duration {
	return min(writerPatience, s.LookupTimeout*writePatience*4/5)
}

// connectWriter waits for other processes that open the file for the first
// time, too: while one changes it to WAL, SQLite turns the others away at once,
// whatever the busy_timeout.
func connectWriter(ctx context.Context, write *sql.DB) error {
	ctx, cancel := context.WithTimeout(ctx, writerPatience)
	defer cancel()
	var busy error
	for {
		err := write.PingContext(ctx)
		switch {
		case err != nil && ctx.Err() != nil && busy != nil:
			return &lockedError{busy}
		case err == nil || ctx.Err() != nil:
			return err
		case !sqliteBusy(err):
			return fmt.Errorf("opening the database's file: %w; it must be a SQLite file that Caddy's user may read and write", err)
		}
		busy = err
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// sqliteSays recognizes what SQLite has no code for.
func sqliteSays(texts ...string) func(error) bool {
	return func(err error) bool {
		return err != nil && slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(err.Error(), text) })
	}
}

// cannotOpen reports that the file, or one beside it, is not there to be opened.
func cannotOpen(err error) bool {
	e, ok := errors.AsType[*sqlitedriver.Error](err)
	return ok && (e.Code()&0xFF == sqlite3.SQLITE_CANTOPEN || e.Code()&0xFF == sqlite3.SQLITE_READONLY)
}

// sqliteAway reports a file that is locked, or that is waited for.
func sqliteAway(err error) bool {
	return sqliteBusy(err) || errors.Is(err, errFileGone) || errors.Is(err, errUnsettled)
}

// sqliteDuplicate reports a row with the same primary key.
func sqliteDuplicate(err error) bool {
	e, ok := errors.AsType[*sqlitedriver.Error](err)
	return ok && (e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY || e.Code() == sqlite3.SQLITE_CONSTRAINT_ROWID)
}

// sqliteReadOnly reports that the file cannot be written.
func sqliteReadOnly(err error) bool {
	var e *sqlitedriver.Error
	return errors.As(err, &e) && e.Code()&0xFF == sqlite3.SQLITE_READONLY
}

// sqliteBusy reports that another process keeps the file locked.
func sqliteBusy(err error) bool {
	var e *sqlitedriver.Error
	if !errors.As(err, &e) {
		return false
	}
	code := e.Code() & 0xFF // the upper bits say more than matters here
	return code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_LOCKED
}
