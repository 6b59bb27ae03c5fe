//go:build !nosqlite

package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-11312c3d/caddy-session/store/address"
)

// sqlite:///PATH is relative to some programs and absolute to others. The files
// tell; where they do not, nothing is guessed and nothing is made (D6).
func TestD6_ThreeSlashesAreWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	absolute := filepath.Join(t.TempDir(), "app.db")
	inside := strings.TrimPrefix(absolute, "/") // the same path below the working directory
	which := func() (string, error) {
		a, err := address.Parse("sqlite://" + absolute)
		if err != nil {
			t.Fatal(err)
		}
		return whichFile(a)
	}
	is := func(want string) {
		t.Helper()
		if got, err := which(); got != want || err != nil {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	is(absolute) // only its directory is there
	if err := os.MkdirAll(filepath.Dir(inside), 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err := which(); err == nil || !strings.Contains(err.Error(), "write sqlite:"+absolute+" or sqlite:"+inside) {
		t.Errorf("both could be made: %q, %v", got, err)
	}
	write := func(path string) {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(inside)
	is(filepath.Join(dir, inside))
	write(absolute)
	if got, err := which(); err == nil {
		t.Errorf("both are there, and it is %q", got)
	}
	if err := os.Remove(inside); err != nil {
		t.Fatal(err)
	}
	is(absolute)
}
