package store

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/seed-11312c3d/caddy-session/store/address"
)

// dialect is all that differs between databases. Everything else is written
// once, in [Store].
type dialect struct {
	name    string // the kind of package address
	example string // what such a URL looks like
	missing error  // why this program has no driver for it, or nil

	quote        string // around the names of tables
	numbered     bool   // parameters are $1, $2 instead of ?
	hasSchemas   bool
	hasArrays    bool // as parameters, so that one statement writes many rows
	updatesJoins bool // so that one statement writes many rows, too
	embedded     bool // in this process: no server

	check func(Settings) error // without I/O
	open  func(context.Context, Settings) (pool, error)

	// away reports an error that says that the server is there, but cannot
	// serve now.
	away func(error) bool
	// noTable and noColumn report an error about one that is not there.
	noTable, noColumn func(error) bool
	// badValue reports an error about what a statement was given: it is not what
	// the statement makes of it.
	badValue func(error) bool
	// readOnly reports that the server, or the file, takes no changes.
	readOnly func(error) bool
	// locked reports that another process keeps the database for itself.
	locked func(error) bool
	// refused returns the parameter that something in front of the server takes
	// no connection with.
	refused func(error) (param string, ok bool)
	// collided reports that the database gave up one of two transactions that
	// waited for each other. Nothing of it has happened.
	collided func(error) bool
	// full reports that the server has no connection left: others have them all.
	full func(error) bool
	// exists reports that what a statement makes is there already, and raced that
	// somebody else makes, or has made, the same.
	exists, raced func(error) bool
	// duplicate reports that there is a row with the same primary key.
	duplicate func(error) bool
}

var dialects = []*dialect{&sqlite, &postgres, &mysqlDialect}

// dialectOf chooses by the scheme of a URL, which it never repeats.
func dialectOf(raw string) (*dialect, error) {
	kind := address.KindOf(raw)
	examples := make([]string, 0, len(dialects))
	for _, d := range dialects {
		if d.name == kind {
			return d, d.missing
		}
		if d.missing == nil {
			examples = append(examples, d.example)
		}
	}
	if len(examples) == 0 {
		return nil, errors.New("this program was built without any database; build it without one of the tags nosqlite, nopostgres, nomysql")
	}
	return nil, errors.New("unknown kind of database; the known ones are " + strings.Join(examples, ", "))
}

// isAway reports whether err means that the database cannot be reached now but
// may be later, as opposed to an error that only a person can remove.
func (d *dialect) isAway(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	switch {
	case err == nil || errors.Is(err, os.ErrPermission) || errors.Is(err, ErrOverload) || notTrusted(err):
		return false
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ECONNRESET),
		errors.As(err, &op), errors.As(err, &dns):
		return true
	}
	return d.away(err)
}

// refuses reports that something in front of the server takes no connection
// with a parameter.
func (d *dialect) refuses(err error) bool {
	_, ok := d.refused(err)
	return ok
}

func refusesNothing(error) (string, bool) { return "", false }

func isNever(error) bool { return false }
