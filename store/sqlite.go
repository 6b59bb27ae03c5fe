package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
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
	away:     sqliteBusy,
	noTable:  sqliteSays("no such table"),
	noColumn: sqliteSays("no such column", "has no column named"),
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
	if err == nil {
		path, err = createFile(path)
	}
	if err != nil {
		return nil, err
	}
	write, err := sql.Open("sqlite", sqliteDSN(path, "rwc", writerPatience, "journal_mode(WAL)", "synchronous(FULL)"))
	if err != nil {
		return nil, err
	}
	read, err := sql.Open("sqlite", sqliteDSN(path, "rw", s.LookupTimeout, "query_only(1)"))
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	write.SetMaxOpenConns(1) // SQLite has one writer; a second would only wait for it
	read.SetMaxOpenConns(s.readers())
	read.SetMaxIdleConns(s.readers())
	return &sqlPool{
		read:   &preparing{db: read},
		write:  &preparing{db: write},
		broken: func(error) bool { return false }, // there is nothing in between that could break
		// The transaction of the writer begins with SQLite's own lock for writing.
		hold: func(ctx context.Context, p *sqlPool, _ string, _ bool, do func(runner) error) (bool, error) {
			return true, p.inTx(ctx, do)
		},
	}, nil
}

// createFile makes the database's file, readable for nobody else, and returns
// its full path: a process may change its directory later.
func createFile(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("finding the database's file: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("creating the database's directory: %w; let Caddy's user write there, or choose another path", err)
	}
	// A file that exists is not opened here: closing it would take away the
	// locks that this process holds on it through SQLite.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return path, nil
	case err != nil:
		return "", fmt.Errorf("creating the database's file: %w; let Caddy's user write there, or choose another path", err)
	}
	return path, f.Close()
}

// sqliteDSN writes the path as a URI, since a plain file name must not contain
// `?`. Pragmas belong to a connection, so each one gets them from here.
func sqliteDSN(path, mode string, patience time.Duration, pragmas ...string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/session.db
	}
	query := url.Values{
		"mode":          {mode},
		"_txlock":       {"immediate"},
		"_busy_timeout": {fmt.Sprint(patience.Milliseconds())},
		"_pragma":       pragmas,
		"_error_rc":     {"1"},
	}
	return "file://" + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode()
}

// sqliteSays recognizes what SQLite has no code for.
func sqliteSays(texts ...string) func(error) bool {
	return func(err error) bool {
		return err != nil && slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(err.Error(), text) })
	}
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
