package caddysession

import "github.com/seed-11312c3d/caddy-session/format"

// What {http.session.status} says besides what packages resolve and lookup do.
const (
	statusForbidden = "forbidden"
	statusMalformed = string(format.ErrMalformed)
	statusInvalid   = string(format.ErrInvalid)
)
