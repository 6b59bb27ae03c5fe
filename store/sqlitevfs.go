//go:build !nosqlite

package store

import (
	"errors"
	"sync"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// openingVFS is the name of SQLite's own way to files, but for one thing: it
// makes none. To read a database in WAL mode SQLite makes two files beside it,
// as the user who reads first; the program that the database belongs to could
// not write to them, and would fail until somebody has removed them.
const openingVFS = "caddy-session-opening"

// vfsOpen is a way to files' function that opens one.
type vfsOpen = func(tls *libc.TLS, vfs, name, file uintptr, flags int32, outFlags uintptr) int32

// openExisting is kept here, since SQLite's memory is none that Go looks at.
var openExisting vfsOpen

// registerOpeningVFS tells SQLite of it, once in a process.
var registerOpeningVFS = sync.OnceValue(func() error {
	tls := libc.NewTLS() // of what is never freed
	usual := sqlite3.Xsqlite3_vfs_find(tls, 0)
	made := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(sqlite3.Tsqlite3_vfs{})))
	name, err := libc.CString(openingVFS)
	if err != nil || usual == 0 || made == 0 {
		return errors.Join(errors.New("SQLite has no way to files"), err)
	}
	// What C calls pointers are numbers to Go.
	vfs := *(**sqlite3.Tsqlite3_vfs)(unsafe.Pointer(&made))
	*vfs = **(**sqlite3.Tsqlite3_vfs)(unsafe.Pointer(&usual))
	opens := *(*vfsOpen)(unsafe.Pointer(&struct{ uintptr }{vfs.FxOpen}))
	openExisting = func(tls *libc.TLS, vfs, name, file uintptr, flags int32, outFlags uintptr) int32 {
		return opens(tls, vfs, name, file, flags&^sqlite3.SQLITE_OPEN_CREATE, outFlags)
	}
	vfs.FpNext, vfs.FzName = 0, name
	vfs.FxOpen = *(*uintptr)(unsafe.Pointer(&openExisting))
	if code := sqlite3.Xsqlite3_vfs_register(tls, made, 0); code != sqlite3.SQLITE_OK {
		return errors.New("SQLite does not take a way to files")
	}
	return nil
})
