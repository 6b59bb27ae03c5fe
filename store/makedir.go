package store

import (
	"os"
	"path/filepath"
)

// MakeDir makes a directory and those above it, which belong to whom the nearest
// one that was there does.
func MakeDir(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	if parent := filepath.Dir(path); parent != path {
		if err := MakeDir(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		if info, statErr := os.Stat(path); statErr == nil && info.IsDir() {
			return nil // somebody else was faster
		}
		return err
	}
	return inheritDir(path)
}
