//go:build !nosqlite

package store

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"
)

// reading is the file as it was opened.
type reading struct {
	*sqlPool
	state  fileState
	how    openedAs
	header []byte // of the file; nil where SQLite's locks protect what is read
	users  sync.WaitGroup
}

// openedAs is how a file is opened, by what is there.
type openedAs int

const (
	asShared    openedAs = iota // in WAL mode, while the program has it open
	asLocked                    // with a rollback journal, under SQLite's locks
	asImmutable                 // in WAL mode, and nobody has it open
)

// fileState is what can be seen of a file without opening it.
type fileState struct {
	file fs.FileInfo
	wal  fs.FileInfo // nil: there is none
	// written: this process writes to the file, too, where an operator lets
	// sessions be ended. It keeps one index of the WAL for all its connections.
	written bool
}

// look sees what is there.
func (f *foreignFile) look() (s fileState, err error) {
	if s.file, err = os.Stat(f.path); err != nil {
		return s, fmt.Errorf("%w: %v; check the path, and that Caddy's user may read it and its directory", errUnsettled, err)
	}
	if s.wal, err = os.Stat(f.path + "-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return s, fmt.Errorf("%w: %v; let Caddy's user read its directory", errUnsettled, err)
	}
	s.written = isWritten(f.path)
	return s, nil
}

// fits reports whether what was opened can be read in a state of the file.
func (r *reading) fits(now fileState) bool {
	then := r.state
	same := os.SameFile(then.file, now.file) && then.written == now.written &&
		(then.wal == nil) == (now.wal == nil) && (then.wal == nil || os.SameFile(then.wal, now.wal))
	if r.how != asImmutable {
		return same
	}
	return same && then.file.Size() == now.file.Size() && then.file.ModTime().Equal(now.file.ModTime())
}

// coarseTime is how far apart two changes of a file may be and have one time,
// on file systems that count in seconds.
const coarseTime = 2 * time.Second

// holds reports whether an answer is of the file as it was opened.
func (r *reading) holds(f *foreignFile, err error) bool {
	now, lookErr := f.look()
	switch {
	case lookErr != nil || !r.fits(now):
		return false
	case r.how != asImmutable:
		return err == nil || !cannotOpen(err)
	case time.Since(now.file.ModTime()) > coarseTime:
		return true
	}
	header, headerErr := f.header()
	return headerErr == nil && bytes.Equal(header, r.header)
}

func (f *foreignFile) open(state fileState) (*reading, error) {
	r := &reading{state: state, how: asShared}
	if state.wal == nil {
		header, err := f.header()
		if err != nil {
			return nil, err
		}
		r.header, r.how = header, asLocked
		if inWALMode(header) {
			r.how = asImmutable
		}
	}
	db, err := sql.Open("sqlite", f.dsn(r.how, state.written))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(f.settings.readers())
	db.SetMaxIdleConns(f.settings.readers())
	p := &preparing{db: db}
	r.sqlPool = &sqlPool{read: p, write: p, broken: func(error) bool { return false }}
	return r, nil
}

func (f *foreignFile) dsn(how openedAs, written bool) string {
	dsn := sqliteDSN(f.path, "ro", f.settings.LookupTimeout, "query_only(1)") + "&vfs=" + openingVFS
	switch {
	case how == asImmutable:
		dsn += "&immutable=1"
	case !written: // or the connection that writes could not
		dsn += "&readonly_shm=1"
	}
	return dsn
}

// header reads how the file begins. SQLite opens it, not this package: closing
// a file takes away the locks that the process holds on it through SQLite.
func (f *foreignFile) header() (header []byte, err error) {
	db, err := sql.Open("sqlite", f.dsn(asImmutable, false))
	if err != nil {
		return nil, err
	}
	defer db.Close()
	err = db.QueryRow("SELECT substr(data, 1, 100) FROM sqlite_dbpage WHERE pgno = 1").Scan(&header)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, fmt.Errorf("%w: it is empty", errUnsettled) // the program has not made it yet
	case err != nil:
		return nil, fmt.Errorf("%w: %w; it must be a SQLite file that Caddy's user may read", errUnsettled, err)
	}
	return header, nil
}

// inWALMode reads the version that one must know to read the file.
func inWALMode(header []byte) bool { return len(header) > 19 && header[19] == 2 }
