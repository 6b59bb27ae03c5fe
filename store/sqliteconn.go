//go:build !nosqlite

package store

import (
	"errors"
	"fmt"
	"time"
	"unsafe"

	"modernc.org/libc"
	"modernc.org/libc/sys/types"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteConn is a connection to a SQLite file through SQLite's own functions, as
// modernc.org/sqlite has translated them from C. It reads one row at a time, for
// one goroutine at a time: the lock that SQLite could hold meanwhile is left out.
type sqliteConn struct {
	tls  *libc.TLS // what C keeps for each thread
	db   uintptr   // sqlite3*
	stmt uintptr   // sqlite3_stmt*, which text was made into; 0: none
	text string
	mem  *sqliteMemory
}

// sqliteMemory is what SQLite reads and writes on this side. It is C's: of Go's
// memory the garbage collector would not know that SQLite points to it.
type sqliteMemory struct {
	out   uintptr       // what a function returns beside its code
	tail  uintptr       // what it has left of a text
	left  time.Duration // how long the statement may take
	until time.Duration // when that is over, on sqliteClock; 0: nobody has looked yet
}

// sqliteClock is what times are counted from: a clock that nobody can set.
var sqliteClock = time.Now()

// sqliteSteps is after how many of its virtual machine's instructions SQLite asks
// whether to go on. Finding a session takes about twenty.
const sqliteSteps = 1000

// openSQLiteConn opens a file that exists. The connection does not write, and
// waits for the locks of others for as long as patience.
func openSQLiteConn(dsn string, patience time.Duration) (*sqliteConn, error) {
	c := &sqliteConn{tls: libc.NewTLS()}
	if err := c.open(dsn, patience); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the database's file: %w", err), c.close())
	}
	return c, nil
}

func (c *sqliteConn) open(dsn string, patience time.Duration) error {
	name, err := libc.CString(dsn)
	if err != nil {
		return err
	}
	defer libc.Xfree(c.tls, name)
	mem := libc.Xcalloc(c.tls, 1, types.Size_t(unsafe.Sizeof(sqliteMemory{})))
	if mem == 0 {
		return &sqliteFault{code: sqlite3.SQLITE_NOMEM, text: "out of memory"}
	}
	c.mem = fromC[sqliteMemory](mem)
	const flags = sqlite3.SQLITE_OPEN_READWRITE | sqlite3.SQLITE_OPEN_URI | sqlite3.SQLITE_OPEN_NOMUTEX | sqlite3.SQLITE_OPEN_EXRESCODE
	rc := sqlite3.Xsqlite3_open_v2(c.tls, name, toC(&c.mem.out), flags, 0)
	c.db = c.mem.out // also of one that failed, to be closed
	if rc != sqlite3.SQLITE_OK {
		return c.fault(rc)
	}
	sqlite3.Xsqlite3_busy_timeout(c.tls, c.db, int32(patience.Milliseconds()))
	outOfTime := *(*uintptr)(unsafe.Pointer(&struct {
		f func(*libc.TLS, uintptr) int32
	}{sqliteOutOfTime})) // as C has pointers to functions
	sqlite3.Xsqlite3_progress_handler(c.tls, c.db, sqliteSteps, outOfTime, mem)
	c.mem.left = patience
	if err := c.prepare("PRAGMA query_only(1)"); err != nil {
		return err
	}
	_, err = c.step(nil)
	return err
}

// sqliteOutOfTime ends a statement that takes too long by returning 1. Only such
// a one pays for looking at the clock.
func sqliteOutOfTime(_ *libc.TLS, arg uintptr) int32 {
	mem, now := fromC[sqliteMemory](arg), time.Since(sqliteClock)
	if mem.until == 0 {
		mem.until = now + mem.left
	}
	if now > mem.until {
		return 1
	}
	return 0
}

// find reads the row that a statement with one parameter finds into dest, within
// a time.
func (c *sqliteConn) find(text string, number int64, dest []any, within time.Duration) (found bool, err error) {
	c.mem.left, c.mem.until = within, 0
	if text != c.text { // it is mostly the same
		if err := c.prepare(text); err != nil {
			return false, err
		}
	}
	if rc := sqlite3.Xsqlite3_bind_int64(c.tls, c.stmt, 1, number); rc != sqlite3.SQLITE_OK {
		return false, c.fault(rc)
	}
	return c.step(dest)
}

// prepare makes a statement in the place of the one before. SQLite does so again
// by itself when the tables have changed.
func (c *sqliteConn) prepare(text string) error {
	sqlite3.Xsqlite3_finalize(c.tls, c.stmt)
	c.stmt, c.text = 0, ""
	sql, err := libc.CString(text)
	if err != nil {
		return err
	}
	defer libc.Xfree(c.tls, sql)
	rc := sqlite3.Xsqlite3_prepare_v3(c.tls, c.db, sql, -1, sqlite3.SQLITE_PREPARE_PERSISTENT, toC(&c.mem.out), toC(&c.mem.tail))
	if rc != sqlite3.SQLITE_OK {
		return c.fault(rc)
	}
	c.stmt = c.mem.out
	if *fromC[byte](c.mem.tail) != 0 {
		return errors.New("more than one statement")
	}
	c.text = text
	return nil
}

// step runs the statement until its first row.
func (c *sqliteConn) step(dest []any) (found bool, err error) {
	switch rc := sqlite3.Xsqlite3_step(c.tls, c.stmt); rc {
	case sqlite3.SQLITE_ROW:
		found, err = true, c.read(dest)
	case sqlite3.SQLITE_DONE:
	default:
		err = c.fault(rc)
	}
	// A statement that is not reset keeps its snapshot, and the WAL growing.
	if rc := sqlite3.Xsqlite3_reset(c.tls, c.stmt); rc != sqlite3.SQLITE_OK && err == nil {
		err = c.fault(rc)
	}
	return found, err
}

// close gives everything back. Closing twice does no harm.
func (c *sqliteConn) close() error {
	if c.tls == nil {
		return nil
	}
	sqlite3.Xsqlite3_finalize(c.tls, c.stmt)
	var err error
	if rc := sqlite3.Xsqlite3_close(c.tls, c.db); rc != sqlite3.SQLITE_OK {
		err = c.fault(rc)
	}
	if c.mem != nil {
		libc.Xfree(c.tls, toC(c.mem))
	}
	c.tls.Close()
	*c = sqliteConn{}
	return err
}

// toC is the address of C's memory, as C takes it.
func toC[T any](p *T) uintptr { return uintptr(unsafe.Pointer(p)) }

// fromC is the memory at an address that C gave.
func fromC[T any](p uintptr) *T { return *(**T)(unsafe.Pointer(&p)) }
