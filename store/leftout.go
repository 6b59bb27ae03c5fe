//go:build nosqlite || nopostgres || nomariadb || (nomysql && !(nobadger && nopgx))

package store

import "fmt"

// leftOut stands in for a database whose driver a build tag has left out of the
// program. Its URLs are known, so that they are refused by name.
func leftOut(title, tag, kind string) dialect {
	return dialect{
		name:    kind,
		missing: fmt.Errorf("this program was built without %s (build tag %s); build it without that tag, or name another database", title, tag),
	}
}
