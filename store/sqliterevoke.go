//go:build !nosqlite

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// revokingFile deletes rows of another program's SQLite file. It opens the file
// for each statement: where nobody has it open it is taken as a whole, so that
// the program cannot come upon files beside it that are not its own.
type revokingFile struct {
	*foreignFile // which reads
}

// A process has one index of a file's WAL for all its connections. Where it was
// opened by one that only reads, no other can write.
var sharing struct {
	sync.Mutex
	readers map[*foreignFile]bool
	writers map[string]int // by path
}

func isWritten(path string) bool {
	sharing.Lock()
	defer sharing.Unlock()
	return sharing.writers[path] > 0
}

func (f *foreignFile) register() {
	sharing.Lock()
	defer sharing.Unlock()
	if sharing.readers == nil {
		sharing.readers, sharing.writers = make(map[*foreignFile]bool), make(map[string]int)
	}
	sharing.readers[f] = true
}

func (f *foreignFile) unregister() {
	sharing.Lock()
	defer sharing.Unlock()
	delete(sharing.readers, f)
}

// newRevokingFile has those who read the file open it anew, as it may be written to.
func newRevokingFile(f *foreignFile) pool {
	sharing.Lock()
	sharing.writers[f.path]++
	var readers []*foreignFile
	for r := range sharing.readers {
		if r.path == f.path {
			readers = append(readers, r)
		}
	}
	sharing.Unlock()
	for _, r := range readers {
		r.forget()
	}
	return &revokingFile{f}
}

func (f *revokingFile) exec(ctx context.Context, text string, args ...any) (n int64, err error) {
	state, err := f.look()
	if err != nil {
		return 0, err
	}
	dsn := sqliteDSN(f.path, "rw", writerPatience, "locking_mode(EXCLUSIVE)")
	if state.wal != nil {
		dsn = sqliteDSN(f.path, "rw", writerPatience) + "&vfs=" + openingVFS
	}
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	n, err = affected(db.ExecContext(ctx, text, args...))
	if err != nil {
		return 0, fmt.Errorf("writing to the other program's database: %w; let Caddy's user write to it and its directory", err)
	}
	return n, nil
}

func (f *revokingFile) close() error {
	sharing.Lock()
	sharing.writers[f.path]--
	sharing.Unlock()
	return f.foreignFile.close()
}
