package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// openFile is a SQLite file as it was opened. Connections go on reading a file
// that was deleted or replaced: a ghost that keeps people logged in.
type openFile struct {
	path      string
	file, wal os.FileInfo // of the file, and of its WAL when it was seen last
}

const watchEvery = time.Second

// flaw says what happened to the file, or nothing. What cannot be told now is
// no flaw.
func (f *openFile) flaw() string {
	now, err := os.Stat(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "its file was deleted, or moved away"
	case err == nil && !os.SameFile(now, f.file):
		return "its file was replaced by another one"
	case err == nil:
		if wal, err := os.Stat(f.path + "-wal"); err == nil {
			f.wal = wal
		}
	}
	return ""
}

// ownsWAL reports that the WAL at the path is this file's.
func (f *openFile) ownsWAL() bool {
	wal, err := os.Stat(f.path + "-wal")
	return err == nil && f.wal != nil && os.SameFile(wal, f.wal)
}

// opened returns the file that a pool is of, or nil.
func opened(p pool) *openFile {
	if p, ok := p.(interface{ openedFile() *openFile }); ok {
		return p.openedFile()
	}
	return nil
}

// watchFile gives a pool up when its file is no longer there, and waits for the
// file to come back.
func (s *Store) watchFile(l *live, f *openFile) {
	for s.pause(watchEvery) {
		if s.live.Load() != l {
			return
		}
		if flaw := f.flaw(); flaw != "" {
			if s.lose(l, flaw) {
				f.abandon(s.life.ctx, l.pool)
				s.keepTrying()
			}
			return
		}
	}
}

// lose makes the store answer that nobody can know, and reports whether it has
// to be waited for the file.
func (s *Store) lose(l *live, flaw string) bool {
	s.life.attempts.Lock()
	defer s.life.attempts.Unlock()
	if s.life.closed || !s.live.CompareAndSwap(l, nil) {
		return false
	}
	remedy := "put it back, with its sessions; to begin anew without them, restart Caddy"
	gone, _ := s.fault(errors.New(flaw), remedy).(*faultError)
	s.gone.Store(gone)
	s.setWaiting(true, nil)
	s.log.Error(gone.Error())
	return true
}

// abandon closes a pool whose file is gone. SQLite leaves the WAL of such a file
// where it is, and would put it into whatever file comes back. So what is in it
// goes into the file that we still have, wherever that is now, and then it is
// removed. Another program's is its own business.
func (f *openFile) abandon(ctx context.Context, p pool) {
	own, isOwn := p.(interface{ checkpoint(context.Context) error })
	if isOwn {
		ctx, cancel := context.WithTimeout(ctx, closePatience)
		defer cancel()
		_ = own.checkpoint(ctx) // of a file that was deleted, nothing can be saved
	}
	_ = p.close()
	if isOwn && f.ownsWAL() {
		_ = os.Remove(f.path + "-wal")
		_ = os.Remove(f.path + "-shm")
	}
}

// again are the settings of an attempt. What was lost must be there again, and
// is not made: an empty database would log everybody out.
func (s *Store) again() Settings {
	settings := s.settings
	if s.gone.Load() != nil {
		settings.Existing = true
	}
	return settings
}

// errFileGone is the error of a file that is waited for.
var errFileGone = errors.New("the database's file has not come back")

func (s *Store) stillGone(err error) error {
	if s.gone.Load() != nil && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", errFileGone, err)
	}
	return err
}

// migrates reports whether tables may be made.
func (s *Store) migrates() bool { return s.settings.Migrate != "off" && s.gone.Load() == nil }
