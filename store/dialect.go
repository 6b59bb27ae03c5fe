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
	// collided reports that the database gave up one of two transactions that
	// waited for each other. Nothing of it has happened.
	collided func(error) bool
}

var dialects = []*dialect{&sqlite, &postgres, &mysqlDialect}

// dialectOf chooses by the scheme of a URL, which it never repeats.
func dialectOf(raw string) (*dialect, error) {
	kind := address.KindOf(raw)
	examples := make([]string, 0, len(dialects))
	for _, d := range dialects {
		if d.name == kind {
			return d, nil
		}
		examples = append(examples, d.example)
	}
	return nil, errors.New("unknown kind of database; the known ones are " + strings.Join(examples, ", "))
}

// isAway reports whether err means that the database cannot be reached now but
// may be later, as opposed to an error that only a person can remove.
func (d *dialect) isAway(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	switch {
	case err == nil || errors.Is(err, os.ErrPermission) || notTrusted(err):
		return false
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ECONNRESET),
		errors.As(err, &op), errors.As(err, &dns):
		return true
	}
	return d.away(err)
}
