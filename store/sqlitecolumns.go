//go:build !nosqlite

package store

import (
	"fmt"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// read copies the columns of the current row: SQLite's own memory is written
// over by the next lookup.
func (c *sqliteConn) read(dest []any) error {
	for i, to := range dest {
		kind := sqlite3.Xsqlite3_column_type(c.tls, c.stmt, int32(i))
		if !c.readColumn(int32(i), kind, to) {
			return fmt.Errorf("%w: column %d is %s", ErrUnreadable, i+1, sqliteKinds[kind])
		}
	}
	return nil
}

var sqliteKinds = map[int32]string{
	sqlite3.SQLITE_INTEGER: "an integer", sqlite3.SQLITE_FLOAT: "a number", sqlite3.SQLITE_TEXT: "a text",
	sqlite3.SQLITE_BLOB: "a blob", sqlite3.SQLITE_NULL: "NULL",
}

func (c *sqliteConn) readColumn(i, kind int32, to any) (ok bool) {
	switch to := to.(type) {
	case *[]byte:
		b, ok := c.bytes(i, kind)
		*to = append([]byte{}, b...)
		return ok
	case *string:
		b, ok := c.bytes(i, kind)
		*to = string(b)
		return ok
	case *int64:
		*to = sqlite3.Xsqlite3_column_int64(c.tls, c.stmt, i)
		return kind == sqlite3.SQLITE_INTEGER
	}
	return false
}

// bytes is a column in SQLite's memory. An address of 0 is that of a blob without
// bytes; of anything else it means that there was no memory.
func (c *sqliteConn) bytes(i, kind int32) (b []byte, ok bool) {
	var p uintptr
	switch kind {
	case sqlite3.SQLITE_TEXT:
		p = sqlite3.Xsqlite3_column_text(c.tls, c.stmt, i)
	case sqlite3.SQLITE_BLOB:
		p = sqlite3.Xsqlite3_column_blob(c.tls, c.stmt, i)
	default:
		return nil, false
	}
	n := sqlite3.Xsqlite3_column_bytes(c.tls, c.stmt, i)
	if p == 0 {
		return nil, n == 0 && kind == sqlite3.SQLITE_BLOB
	}
	return unsafe.Slice(fromC[byte](p), n), true
}

// sqliteFault is an error of SQLite's.
type sqliteFault struct {
	code int32 // an extended one
	text string
}

// Error returns what SQLite says, and its code.
func (f *sqliteFault) Error() string { return fmt.Sprintf("%s (%d)", f.text, f.code) }

// primary is the code without what says more than matters here.
func (f *sqliteFault) primary() int32 { return f.code & 0xFF }

// fault makes an error of a code. What the connection says besides may be about
// something else: it belongs to the code that it keeps itself.
func (c *sqliteConn) fault(rc int32) error {
	f := &sqliteFault{rc, libc.GoString(sqlite3.Xsqlite3_errstr(c.tls, rc))}
	if c.db != 0 && sqlite3.Xsqlite3_extended_errcode(c.tls, c.db) == rc {
		if more := libc.GoString(sqlite3.Xsqlite3_errmsg(c.tls, c.db)); more != f.text {
			f.text += ": " + more
		}
	}
	return f
}
