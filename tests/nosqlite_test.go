//go:build unix && nosqlite

package tests

import (
	"strings"
	"testing"
)

// A program without SQLite cannot do without a configuration, and says so when
// it loads one. Any other database will do.
func TestLeftOut_ARealmThatNamesNoDatabase(t *testing.T) {
	const site = "http://app.test {\n\tsession\n}\n"
	t.Setenv("SESSION_DB_URL", "")
	assertContains(t, adaptAndValidate(t, site), "this program was built without SQLite (build tag nosqlite); build it without that tag, or name another database")
	t.Setenv("SESSION_DB_URL", "postgres://u@127.0.0.1:1/x")
	if got := adaptAndValidate(t, site); strings.HasPrefix(got, "error: ") {
		t.Error(got)
	}
}
