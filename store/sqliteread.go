package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	zombiezen "zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// sqlitePool finds the module's own sessions without Go's database/sql, which
// costs as much again as SQLite itself. Its few connections are for nothing else.
type sqlitePool struct {
	*sqlPool
	session  string // the statement that finds one
	dsn      string
	patience time.Duration // for a connection, and as long for other processes' locks
	free     chan *sqliteReader
}

// sqliteReader is a connection, or nil until it is needed.
type sqliteReader struct{ conn *zombiezen.Conn }

func newSQLitePool(rest *sqlPool, path string, s Settings) *sqlitePool {
	patience := s.LookupTimeout / 2
	p := &sqlitePool{
		sqlPool:  rest,
		session:  tableNames(s, `"`).Replace(findSession),
		dsn:      sqliteDSN(path, "rw", patience), // SQLite ignores what is database/sql's
		patience: patience,
		free:     make(chan *sqliteReader, s.readers()),
	}
	for range cap(p.free) {
		p.free <- new(sqliteReader)
	}
	return p
}

func (p *sqlitePool) find(ctx context.Context, text string, arg any, dest []any) (bool, error) {
	key, ok := arg.([]byte)
	if !ok || text != p.session {
		return p.sqlPool.find(ctx, text, arg, dest) // which knows all types that there are
	}
	return p.lookup(text, key, dest)
}

func (p *sqlitePool) lookup(text string, key []byte, dest []any) (bool, error) {
	r, err := p.take()
	if err != nil {
		return false, err
	}
	defer func() { p.free <- r }()
	found, err := p.lookupOn(r, text, key, dest)
	switch {
	case err == nil || errors.Is(err, ErrUnreadable):
	case zombiezen.ErrCode(err).ToPrimary() == zombiezen.ResultBusy:
		err = &lockedError{err}
	default:
		// Nobody knows what is wrong with it, so the next lookup gets a fresh one.
		err = errors.Join(err, r.close())
	}
	return found, err
}

// take waits for a connection, but not for ever.
func (p *sqlitePool) take() (*sqliteReader, error) {
	select {
	case r := <-p.free:
		return r, nil
	default: // only who has to wait pays for a timer
	}
	timer := time.NewTimer(p.patience)
	defer timer.Stop()
	select {
	case r := <-p.free:
		return r, nil
	case <-timer.C:
		return nil, fmt.Errorf("waiting for a connection: %w", context.DeadlineExceeded)
	}
}

func (p *sqlitePool) lookupOn(r *sqliteReader, text string, key []byte, dest []any) (found bool, err error) {
	if r.conn == nil {
		if r.conn, err = p.connect(); err != nil {
			return false, err
		}
	}
	stmt, err := r.conn.Prepare(text) // once; the connection remembers it
	if err != nil {
		return false, err
	}
	stmt.BindBytes(1, key)
	if found, err = stmt.Step(); found {
		err = readColumns(stmt, dest)
	}
	// A statement that is not reset keeps its snapshot, and the WAL growing.
	return found, errors.Join(err, stmt.Reset())
}

func (p *sqlitePool) connect() (*zombiezen.Conn, error) {
	conn, err := zombiezen.OpenConn(p.dsn, zombiezen.OpenReadWrite, zombiezen.OpenURI)
	if err != nil {
		// The text of the error has the DSN in it.
		return nil, fmt.Errorf("opening the database's file: %w", zombiezen.ErrCode(err).ToError())
	}
	conn.SetBusyTimeout(p.patience)
	if err := sqlitex.ExecuteTransient(conn, "PRAGMA query_only(1)", nil); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func (p *sqlitePool) close() error {
	var errs []error
	for range cap(p.free) {
		r := <-p.free // after the lookup that it may be used for
		errs = append(errs, r.close())
	}
	// The last connection to the file must be the one that writes.
	return errors.Join(append(errs, p.sqlPool.close())...)
}

func (r *sqliteReader) close() error {
	conn := r.conn
	if conn == nil {
		return nil
	}
	r.conn = nil
	return conn.Close()
}

// readColumns copies: SQLite's own memory is written over by the next lookup.
func readColumns(stmt *zombiezen.Stmt, dest []any) error {
	for i, to := range dest {
		if !readColumn(stmt, i, to) {
			return fmt.Errorf("%w: column %d is %v", ErrUnreadable, i+1, stmt.ColumnType(i))
		}
	}
	return nil
}

func readColumn(stmt *zombiezen.Stmt, i int, to any) bool {
	kind := stmt.ColumnType(i)
	isText := kind == zombiezen.TypeText || kind == zombiezen.TypeBlob
	switch to := to.(type) {
	case *[]byte:
		*to = make([]byte, stmt.ColumnLen(i))
		stmt.ColumnBytes(i, *to)
		return isText
	case *string:
		*to = stmt.ColumnText(i)
		return isText
	case *int64:
		*to = stmt.ColumnInt64(i)
		return kind == zombiezen.TypeInteger
	}
	return false
}
