//go:build unix

package store

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// inherit gives what root has made to the owner of the directory that it is in:
// an administrator's command must not leave what Caddy's user cannot write. It
// goes by the open file, since that owner could put another in its place.
func inherit(made *os.File) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(filepath.Dir(made.Name()))
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || owner.Uid == 0 {
		return nil
	}
	return made.Chown(int(owner.Uid), int(owner.Gid))
}

// inheritDir is inherit for a directory.
func inheritDir(path string) error {
	made, err := os.OpenFile(path, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	return errors.Join(inherit(made), made.Close())
}
