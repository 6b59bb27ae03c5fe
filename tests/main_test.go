// Package tests holds the tests that know the module only from outside: a
// whole Caddy, real bytes on the wire, real databases, the real command line.
// The names of the tests of a rule begin with the rule's number; docs/rules.md
// says what each rule promises.
package tests

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"testing"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/rogpeppe/go-internal/testscript"

	_ "github.com/seed-11312c3d/caddy-session"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

func TestMain(m *testing.M) {
	testscript.Main(isolated{m}, map[string]func(){"caddy": caddycmd.Main, "hostile": hostileRow})
}

// hostileRow puts control characters into the user id of one row of a SQLite
// file, as only somebody who writes to the database can.
func hostileRow() {
	db, err := sql.Open("sqlite", os.Args[1])
	if err == nil {
		_, err = db.Exec(`UPDATE caddy_session_sessions SET user_id = 'x' || char(27) || '[2Jy' || char(10) || 'z' WHERE user_id = 'bob'`)
	}
	if err := errors.Join(err, db.Close()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// isolated runs the tests away from the user's own Caddy files.
type isolated struct{ *testing.M }

func (i isolated) Run() int {
	home, err := os.MkdirTemp("", "cs-home")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(home)
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"} {
		os.Setenv(name, home)
	}
	return storetest.Run(i.M)
}
