//go:build nosqlite || nopostgres || nomariadb || (nomysql && !(nobadger && nopgx))

package store_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/seed-11312c3d/caddy-session/store"
)

// refused checks that a database whose driver is left out is refused by its
// name, however its URL is written, and offered to nobody.
func refused(t *testing.T, title, tag string, urls ...string) {
	t.Helper()
	want := "this program was built without " + title + " (build tag " + tag + "); build it without that tag, or name another database"
	for _, url := range urls {
		settings := store.Settings{URL: url}
		if err := settings.Check(); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", url, err, want)
		}
		if _, err := store.New(settings, slog.New(slog.DiscardHandler)); err == nil || err.Error() != want {
			t.Errorf("a store on %s: %v, want %s", url, err, want)
		}
		scheme, _, _ := strings.Cut(strings.ToLower(url), ":")
		if err := (store.Settings{URL: "redis://localhost"}).Check(); err == nil || strings.Contains(err.Error(), scheme+":") {
			t.Errorf("%s is offered: %v", scheme, err)
		}
	}
}
