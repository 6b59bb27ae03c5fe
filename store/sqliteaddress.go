//go:build !nosqlite

package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/seed-11312c3d/caddy-session/store/address"
)

// whichFile decides what sqlite:///PATH means: there are programs that write a
// relative path so, and others that write an absolute one. The file, or the
// directory that it could be in, tells. To guess would be to log everybody out.
func whichFile(a address.Address) (string, error) {
	if a.Relative == "" {
		return a.Path, nil
	}
	relative, err := filepath.Abs(a.Relative)
	if err != nil || relative == filepath.Clean(a.Path) {
		return a.Path, err
	}
	for _, there := range []func(string) bool{exists, inDirectory} {
		switch absolute, other := there(a.Path), there(relative); {
		case absolute && other:
			return "", fmt.Errorf("the URL of the database can mean the file %s and the file %s; write sqlite:%s or sqlite:%s", a.Path, relative, a.Path, a.Relative)
		case absolute:
			return a.Path, nil
		case other:
			return relative, nil
		}
	}
	return a.Path, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

func inDirectory(path string) bool { return exists(filepath.Dir(path)) }
