package lookup

import (
	"errors"

	"github.com/seed-11312c3d/caddy-session/format"
)

// What StatusOf says besides the reasons of package format.
const (
	// StatusOK is a live session.
	StatusOK = "ok"
	// StatusStale is a session that was found a while ago: the database cannot
	// be asked now.
	StatusStale = "stale"
	// StatusUnavailable: nobody can know.
	StatusUnavailable = "unavailable"
)

// errStale comes with a session that was found a while ago, since now nobody
// can know.
const errStale = format.Reason(StatusStale)

// StatusOf names the outcome of a lookup. Whatever is not a reason of the
// format means that nobody can know.
func StatusOf(err error) string {
	if err == nil {
		return StatusOK
	}
	if reason, ok := errors.AsType[format.Reason](err); ok {
		return string(reason)
	}
	return StatusUnavailable
}
