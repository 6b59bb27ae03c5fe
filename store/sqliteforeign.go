//go:build !nosqlite

package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// Another program's SQLite file is read without leaving a trace beside it, see
// [openingVFS]. Where the program has it open in WAL mode, its files are read
// along with it. Where nobody has, the file does not change, and SQLite is told
// so; the answer is believed if nothing has happened to the file meanwhile.

// errUnsettled says that the other program's file cannot be read just now.
var errUnsettled = errors.New("the other program's database cannot be read now")

// foreignFile is a pool over another program's SQLite file, which is opened
// anew when its state has changed.
type foreignFile struct {
	path     string
	settings Settings

	mu      sync.Mutex
	current *reading
	retired sync.WaitGroup
}

// openForeign opens nothing yet: a file that cannot be read now may be later.
// Where there is none, the path is more likely wrong.
func openForeign(path string, s Settings) (pool, error) {
	path, err := filepath.Abs(path)
	if err == nil {
		err = registerOpeningVFS()
	}
	if _, statErr := os.Stat(path); errors.Is(statErr, fs.ErrNotExist) {
		err = statErr
	}
	if err != nil {
		return nil, fmt.Errorf("finding the other program's database: %w; check the path, and that Caddy's user may read it", err)
	}
	f := &foreignFile{path: path, settings: s}
	f.register()
	if s.Access == ForeignWrite {
		return newRevokingFile(f), nil
	}
	return f, nil
}

func (f *foreignFile) find(ctx context.Context, text string, arg any, dest []any) (found bool, err error) {
	err = f.read(func(r *reading) (err error) {
		found, err = r.find(ctx, text, arg, dest)
		return err
	})
	return found && err == nil, err
}

func (f *foreignFile) check(ctx context.Context, text string) error {
	return f.read(func(r *reading) error { return r.check(ctx, text) })
}

// query is not begun again once a row has been handed out.
func (f *foreignFile) query(ctx context.Context, text string, args []any, each func(scan) error) error {
	begun := false
	return f.read(func(r *reading) error {
		if begun {
			return errUnsettled
		}
		return r.query(ctx, text, args, func(scan scan) error {
			begun = true
			return each(scan)
		})
	})
}

var errOnlyRead = errors.New("another program's database is only read")

func (f *foreignFile) exec(context.Context, string, ...any) (int64, error) { return 0, errOnlyRead }

func (f *foreignFile) inTx(context.Context, func(runner) error) error { return errOnlyRead }

func (f *foreignFile) close() error {
	f.unregister()
	f.forget()
	f.retired.Wait()
	return nil
}

// forget closes the file until somebody asks again.
func (f *foreignFile) forget() {
	f.mu.Lock()
	r := f.current
	f.current = nil
	f.mu.Unlock() // those who use it may want to drop it
	r.retire()
}

// read asks, and once more if the file has changed meanwhile.
func (f *foreignFile) read(ask func(*reading) error) (err error) {
	for range 2 {
		var settled bool
		if settled, err = f.readOnce(ask); settled {
			return err
		}
	}
	if err == nil {
		err = errors.New("it changes while it is read")
	}
	if errors.Is(err, errUnsettled) {
		return err
	}
	return fmt.Errorf("%w: %w", errUnsettled, err)
}

// readOnce reports whether the answer, or the error, is to be believed.
func (f *foreignFile) readOnce(ask func(*reading) error) (settled bool, err error) {
	r, err := f.take()
	if err != nil {
		return false, err
	}
	defer r.users.Done()
	err = ask(r)
	if r.holds(f, err) {
		return true, err
	}
	f.drop(r)
	return false, err
}

// take returns the file as it is now, for one use.
func (f *foreignFile) take() (*reading, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	state, err := f.look()
	if err != nil {
		return nil, err
	}
	if f.current == nil || !f.current.fits(state) {
		opened, err := f.open(state)
		if err != nil {
			return nil, err
		}
		f.replace(opened)
	}
	f.current.users.Add(1)
	return f.current, nil
}

func (f *foreignFile) drop(r *reading) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.current == r {
		f.replace(nil)
	}
}

// replace has the file closed that was current, once nobody uses it any more.
func (f *foreignFile) replace(by *reading) {
	r := f.current
	f.current = by
	f.retired.Go(r.retire)
}

// retire waits until nobody uses it, and closes it.
func (r *reading) retire() {
	if r != nil {
		r.users.Wait()
		_ = r.close() // it was only read
	}
}
