package caddysession

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/caddyserver/caddy/v2"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/internal/identity"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
	"github.com/seed-11312c3d/caddy-session/store"
)

// What {http.session.status} says besides what packages resolve and lookup do.
const (
	statusForbidden = "forbidden"
	statusMalformed = string(format.ErrMalformed)
	statusInvalid   = string(format.ErrInvalid)
)

// decision is what a guard makes of a request.
type decision struct {
	status  string          // for {http.session.status}
	session *lookup.Session // whose identity may go upstream; nil: nobody's
	values  []string        // of the guard's headers for that identity
	refusal int             // the HTTP status that the request is refused with; 0: it goes on
	err     error           // why it is refused
}

// What error pages may show; events and the log have the details.
var (
	errUnsendable = errors.New("the session's identity must not be sent upstream")
	errForbidden  = errors.New("the session lacks what `require` asks for")
)

// decide says whose identity may go upstream, and whether the request must not.
// An observing guard lets it go on all the same: with a session as who they
// are, without one as nobody.
func (g *Guard) decide(r *http.Request, s *requestState, res *resolution, repl *caddy.Replacer) decision {
	d := g.judge(r, res)
	s.decided(res, d) // before headers are made: they may show it
	if d.session == nil || !g.plan.Dynamic {
		return d
	}
	var err error
	if d.values, err = g.values(r, d.session.Identity(), repl); err != nil {
		d = unsendable
		s.decided(res, d)
	}
	return d
}

// unsendable is the decision about an identity that must not become headers.
var unsendable = decision{status: statusInvalid, refusal: http.StatusBadGateway, err: errUnsendable}

// judge decides but for headers that depend on more than the session.
func (g *Guard) judge(r *http.Request, res *resolution) decision {
	switch res.Status {
	case lookup.StatusOK, lookup.StatusStale:
		prepared, err := g.prepare(r, res.Session)
		d := decision{status: res.Status, session: res.Session, values: prepared.Values}
		if err != nil {
			return unsendable
		}
		if !prepared.Permitted {
			d.status, d.refusal, d.err = statusForbidden, http.StatusForbidden, errForbidden
		}
		return d
	case lookup.StatusUnavailable:
		return decision{status: res.Status, refusal: http.StatusServiceUnavailable, err: res.Err}
	case statusInvalid:
		return unsendable
	}
	if g.Optional {
		return decision{status: res.Status}
	}
	return decision{status: res.Status, refusal: http.StatusUnauthorized, err: fmt.Errorf("no session: %s", res.Status)}
}

// decided makes a guard's decision what matcher and placeholders show.
func (s *requestState) decided(res *resolution, d decision) {
	s.last, s.status = res, d.status
	if d.session == nil && res.Session != nil {
		s.last = res.asNobody()
	}
}

// hasClaims reports whether a session of the realm has all that is required.
func (r *Realm) hasClaims(id store.Identity, required []RequireConfig) bool {
	for _, need := range required {
		if !r.hasClaim(id, need.Claim, need.Values) {
			return false
		}
	}
	return true
}

// hasClaim reports whether one of values is the claim, `user` being the user id, or an item of it.
func (r *Realm) hasClaim(id store.Identity, claim string, values []string) bool {
	if claim == "user" {
		return slices.ContainsFunc(values, func(user string) bool { return r.run.UserID(user) == id.User })
	}
	return identity.Has(id.Claims[claim], values)
}
