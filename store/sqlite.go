package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	sqlitedriver "modernc.org/sqlite" // pure Go; registers itself as "sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

var sqlite = dialect{
	name:     "sqlite",
	schemes:  []string{"sqlite"},
	example:  "sqlite:PATH",
	quote:    `"`,
	embedded: true,
	check: func(s Settings) error {
		_, err := sqlitePath(s.URL)
		return err
	},
	open:     openSQLite,
	away:     func(err error) bool { return sqliteBusy(err) || errors.Is(err, errUnsettled) },
	noTable:  sqliteSays("no such table"),
	noColumn: sqliteSays("no such column", "has no column named"),
	badValue: sqliteSays("malformed JSON"),
	collided: func(error) bool { return false }, // there is one writer at a time
}

// writerPatience is how long a write waits for another process's.
const writerPatience = 5 * time.Second

// sqlitePath returns the file that a URL names: sqlite:PATH or sqlite:///PATH.
func sqlitePath(raw string) (string, error) {
	path := pathOf(raw)
	switch {
	case path == "" || path == "//":
		return "", errors.New("sqlite: lacks the path of a file, as in sqlite:/var/lib/caddy/session.db")
	case strings.Contains(path, ":memory:") || strings.HasPrefix(path, "file:"):
		return "", errors.New("sqlite needs the path of a file, as in sqlite:/var/lib/caddy/session.db: what lives in memory is gone after a restart, and every connection has its own")
	case strings.ContainsRune(path, 0):
		return "", errors.New("sqlite: the path contains a zero byte")
	}
	path = strings.TrimPrefix(path, "//")
	if drive := strings.TrimPrefix(path, "/"); filepath.VolumeName(drive) != "" {
		path = drive // sqlite:///C:/session.db
	}
	return path, nil
}

func openSQLite(ctx context.Context, s Settings) (pool, error) {
	path, err := sqlitePath(s.URL)
	if err != nil {
		return nil, err
	}
	if s.Access != Own {
		return openForeign(path, s)
	}
	if path, err = createFile(path); err != nil {
		return nil, err
	}
	write, err := sql.Open("sqlite", sqliteDSN(path, "rw", writerPatience, "journal_mode(WAL)", "synchronous(FULL)"))
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1) // SQLite has one writer; a second would only wait for it
	if err := connectWriter(ctx, write); err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read, err := sql.Open("sqlite", sqliteDSN(path, "rw", s.LookupTimeout, "query_only(1)"))
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(s.readers())
	read.SetMaxIdleConns(s.readers())
	p := &sqlPool{
		read:   &preparing{db: read},
		write:  &preparing{db: write},
		broken: func(error) bool { return false }, // there is nothing in between that could break
		// The transaction of the writer begins with SQLite's own lock for writing.
		hold: func(ctx context.Context, p *sqlPool, _ string, _ bool, do func(runner) error) (bool, error) {
			return true, p.inTx(ctx, do)
		},
	}
	return newSQLitePool(p, path, s), nil
}

// connectWriter waits for other processes that open the file for the first
// time, too: while one changes it to WAL, SQLite turns the others away at once,
// whatever the busy_timeout.
func connectWriter(ctx context.Context, write *sql.DB) error {
	ctx, cancel := context.WithTimeout(ctx, writerPatience)
	defer cancel()
	for {
		err := write.PingContext(ctx)
		switch {
		case err == nil || ctx.Err() != nil:
			return err
		case !sqliteBusy(err):
			return fmt.Errorf("opening the database's file: %w; it must be a SQLite file that Caddy's user may read and write", err)
		}
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

// sqliteBusy reports that another process keeps the file locked.
func sqliteBusy(err error) bool {
	var e *sqlitedriver.Error
	if !errors.As(err, &e) {
		return false
	}
	code := e.Code() & 0xFF // the upper bits say more than matters here
	return code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_LOCKED
}
