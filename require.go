package caddysession

import (
	"slices"

	"github.com/seed-11312c3d/caddy-session/internal/identity"
	"github.com/seed-11312c3d/caddy-session/store"
)

// RequireConfig is a claim that a session must have with one of some values.
type RequireConfig struct {
	// The claim's name; `user` is the user id.
	Claim string `json:"claim"`

	// One of these must be the claim's value, or among the items of its list.
	Values []string `json:"values"`
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

// hasClaim reports whether one of values is the session's claim, or an item of it.
func (r *Realm) hasClaim(id store.Identity, claim string, values []string) bool {
	if claim == "user" {
		return slices.ContainsFunc(values, func(user string) bool { return r.run.UserID(user) == id.User })
	}
	return identity.Has(id, claim, values)
}
