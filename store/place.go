package store

import (
	"cmp"
	"path/filepath"

	"github.com/seed-11312c3d/caddy-session/store/address"
)

// schema is the one that the settings name, or else the URL.
func (s Settings) schema(a address.Address) string { return cmp.Or(s.Schema, a.Schema) }

// place says where the database is, for logs and errors.
func place(a address.Address) string {
	if a.Kind == address.SQLite && a.Relative == "" {
		if path, err := filepath.Abs(a.Path); err == nil {
			return path
		}
	}
	return a.Place()
}
