package caddysession

import (
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

// hasClaims reports whether a session has all that is required.
func hasClaims(id store.Identity, required []RequireConfig) bool {
	for _, need := range required {
		if !identity.Has(id, need.Claim, need.Values) {
			return false
		}
	}
	return true
}
