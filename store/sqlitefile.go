//go:build !nosqlite

package store

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// createFile makes the database's file, readable for nobody else, and returns
// its full path: a process may change its directory later.
func createFile(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("finding the database's file: %w", err)
	}
	// A directory that is missing is more often a typing error or a volume that
	// is not mounted than a wish: an empty database there would log everybody out.
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return "", fmt.Errorf("finding the database's directory: %w; create it, or choose another path", err)
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
	if err := errors.Join(inherit(f), f.Close()); err != nil {
		return "", errors.Join(fmt.Errorf("creating the database's file: %w", err), os.Remove(path))
	}
	return path, nil
}

// existingFile returns the full path of a file that must be there: one that is
// not is more often a typing error than a wish.
func existingFile(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("finding the database's file: %w", err)
	}
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("finding the database's file: %w; check the path, or make the file with `caddy session migrate`", err)
	}
	return path, nil
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

// newOpenFile remembers a file that has just been opened.
func newOpenFile(path string) (*openFile, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("finding the database's file: %w", err)
	}
	return &openFile{path: path, file: info}, nil
}
