//go:build !nosqlite

package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	sqlite3 "modernc.org/sqlite/lib"
)

// sqlitePool finds the module's own sessions without Go's database/sql, which
// costs as much again as SQLite itself: 43 allocations a lookup instead of 8. It
// is the one statement that every request without a cache runs, and the only one
// that goes this way. Its few connections are for nothing else.
//
// The other way is database/sql, which does everything else here and could do
// this, too: [openSQLite] would return the pool that it hands to [newSQLitePool].
// That is what to do should SQLite's functions ever change under [sqliteConn].
type sqlitePool struct {
	*sqlPool
	session  string // the statement that finds one
	dsn      string
	patience time.Duration // for a connection, and as long for other processes' locks
	free     chan *sqliteReader
	version  chan *sqliteReader // the one that looks whether others have changed the file
	// firstVersion is what its numbers are counted from; guarded by its place in version.
	firstVersion int64
}

// sqliteReader is a connection, or nil until it is needed.
type sqliteReader struct{ conn *sqliteConn }

func newSQLitePool(rest *sqlPool, path string, s Settings) *sqlitePool {
	patience := s.LookupTimeout / 2
	p := &sqlitePool{
		sqlPool:  rest,
		session:  tableNames(s, `"`).Replace(findSession),
		dsn:      sqliteDSN(path, "rw", patience), // SQLite ignores what is database/sql's
		patience: patience,
		free:     make(chan *sqliteReader, s.readers()),
		version:  make(chan *sqliteReader, 1),
	}
	for range cap(p.free) {
		p.free <- new(sqliteReader)
	}
	p.version <- new(sqliteReader)
	return p
}

func (p *sqlitePool) find(ctx context.Context, text string, arg any, dest []any) (bool, error) {
	number, ok := arg.(int64)
	if !ok || text != p.session {
		return p.sqlPool.find(ctx, text, arg, dest) // which knows all types that there are
	}
	return p.lookup(text, number, dest)
}

func (p *sqlitePool) lookup(text string, number int64, dest []any) (bool, error) {
	r, waited, err := p.take()
	if err != nil {
		return false, err
	}
	defer func() { p.free <- r }()
	found, err := p.lookupOn(r, text, number, dest, p.patience-waited)
	if err != nil && !errors.Is(err, ErrUnreadable) {
		err = r.failed(err)
	}
	return found, err
}

// failed says what an error means for the connection.
func (r *sqliteReader) failed(err error) error {
	var fault *sqliteFault
	if errors.As(err, &fault) {
		switch fault.primary() {
		case sqlite3.SQLITE_BUSY:
			return &lockedError{err}
		case sqlite3.SQLITE_INTERRUPT:
			return fmt.Errorf("reading the file: %w: %w", context.DeadlineExceeded, err)
		}
	}
	// Nobody knows what is wrong with it, so the next lookup gets a fresh one.
	return errors.Join(err, r.close())
}

// take waits for a connection, but not for ever, and returns for how long.
func (p *sqlitePool) take() (r *sqliteReader, waited time.Duration, err error) {
	select {
	case r := <-p.free:
		return r, 0, nil
	default: // only who has to wait pays for a timer
	}
	began, timer := time.Now(), time.NewTimer(p.patience)
	defer timer.Stop()
	select {
	case r := <-p.free:
		return r, time.Since(began), nil
	case <-timer.C:
		return nil, 0, fmt.Errorf("waiting for a connection: %w", ErrOverload)
	}
}

func (p *sqlitePool) lookupOn(r *sqliteReader, text string, number int64, dest []any, within time.Duration) (found bool, err error) {
	if r.conn == nil {
		if r.conn, err = openSQLiteConn(p.dsn, p.patience); err != nil {
			return false, err
		}
	}
	return r.conn.find(text, number, dest, within)
}

func (p *sqlitePool) close() error {
	var errs []error
	for range cap(p.free) {
		r := <-p.free // after the lookup that it may be used for
		errs = append(errs, r.close())
	}
	r := <-p.version
	errs = append(errs, r.close())
	// The last connection to the file must be the one that writes.
	return errors.Join(append(errs, p.sqlPool.close())...)
}

func (r *sqliteReader) close() error {
	conn := r.conn
	if conn == nil {
		return nil
	}
	r.conn = nil
	return conn.close()
}

// checkpoint puts what is in the WAL into the file.
func (p *sqlitePool) checkpoint(ctx context.Context) error {
	_, err := p.write.db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}
