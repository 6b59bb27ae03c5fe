package caddysession

import (
	"errors"
	"net/http"
	"reflect"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types/ref"
	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/seed-11312c3d/caddy-session/internal/directive"
)

func init() {
	caddy.RegisterModule(MatchSession{})
}

// MatchSession matches requests whose session has what is required. Without a
// requirement it matches every request with a session.
//
// It knows what a guard before it found, and never asks the database itself:
// before a guard has run, it matches nothing.
type MatchSession struct {
	// What the session must have. All must hold.
	Require []RequireConfig `json:"require,omitempty"`
}

// CaddyModule returns the Caddy module information.
func (MatchSession) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "http.matchers.session",
		New: func() caddy.Module { return new(MatchSession) },
	}
}

// UnmarshalCaddyfile sets up the matcher from Caddyfile tokens. Syntax:
//
//	session [<claim> <value...>]
func (m *MatchSession) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	for d.Next() {
		if err := m.require(d.RemainingArgs()); err != nil {
			return directive.Located(d, err)
		}
		if d.NextBlock(0) {
			return d.Err("the session matcher has no block; write `session <claim> <value...>`")
		}
	}
	return nil
}

// require adds the requirement that words describe: a claim, and its values.
func (m *MatchSession) require(words []string) error {
	switch len(words) {
	case 0:
	case 1:
		return errors.New("the session matcher needs a value for the claim " + words[0])
	default:
		m.Require = append(m.Require, RequireConfig{Claim: words[0], Values: words[1:]})
	}
	return nil
}

// MatchWithError reports whether the request's session has what is required.
func (m MatchSession) MatchWithError(r *http.Request) (bool, error) {
	state, ok := knownState(r)
	if !ok || state.last == nil || state.last.Session == nil {
		return false, nil
	}
	return state.last.realm.hasClaims(state.last.Session.Identity(), m.Require), nil
}

// CELLibrary makes the matcher a function of expressions. Example:
//
//	expression session('groups', 'admin', 'ops')
func (MatchSession) CELLibrary(caddy.Context) (cel.Library, error) {
	return caddyhttp.CELMatcherImpl("session", "session_request_list",
		[]*cel.Type{cel.ListType(cel.StringType)},
		func(data ref.Val) (caddyhttp.RequestMatcherWithError, error) {
			words, err := data.ConvertToNative(reflect.TypeFor[[]string]())
			if err != nil {
				return nil, err
			}
			var m MatchSession
			return &m, m.require(words.([]string))
		})
}

// Interface guards
var (
	_ caddyhttp.RequestMatcherWithError = (*MatchSession)(nil)
	_ caddyhttp.CELLibraryProducer      = (*MatchSession)(nil)
	_ caddyfile.Unmarshaler             = (*MatchSession)(nil)
)
