package caddysession

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"

	"github.com/seed-11312c3d/caddy-session/internal/headers"
	"github.com/seed-11312c3d/caddy-session/internal/identity"
	"github.com/seed-11312c3d/caddy-session/internal/navigation"
	"github.com/seed-11312c3d/caddy-session/store"
)

func init() {
	caddy.RegisterModule(Login{})
}

// Login starts sessions.
//
// With `user` it does so at once, for the user that an authentication handler
// before it has found. Without, it watches the response of whatever handles the
// route: a final 2xx or 3xx answer that carries the header `Remote-User` logs
// that user in. So a login page needs no library, only a header.
type Login struct {
	// The realm that the sessions are for. Default: `default`.
	Realm string `json:"realm,omitempty"`

	// Who logs in, from placeholders, for example `{http.auth.user.id}`.
	// Nobody, when empty, gets 401. Default: whoever the response names.
	User string `json:"user,omitempty"`

	// Claims of the user, with placeholders; only with `user`.
	Claim []ClaimConfig `json:"claim,omitempty"`

	// Where to go after the login, with placeholders. A target that would
	// leave the site gives way to the fallback. Default: the response goes out
	// as it is.
	Redirect string `json:"redirect,omitempty"`

	// Where to go when the redirect's target is empty or unsafe. Default: `/`.
	Fallback string `json:"fallback,omitempty"`

	// The names of the headers that hand over the identity: `remote`,
	// `x-auth-request` or `x-forwarded`. Default: `remote`.
	Headers string `json:"headers,omitempty"`

	// What separates the items where the claim `groups` comes as one text. One
	// space stands for any white space. Default: `,`.
	Separator string `json:"separator,omitempty"`

	// Which items of claims count; the others are left out. Default: all.
	Keep []KeepConfig `json:"keep,omitempty"`

	realm  *Realm
	set    headers.Set
	names  *headers.Names
	logger *zap.Logger
}

// ClaimConfig is a claim of a user who logs in.
type ClaimConfig struct {
	// The claim's name. `email`, `name` and `groups` fill the headers of that name.
	Name string `json:"name"`

	// One value makes a text, several a list. The claim `groups` is always a
	// list: one value is split at `,`.
	Values []string `json:"values"`
}

// KeepConfig says which items of a claim count at a login.
type KeepConfig struct {
	// The claim's name.
	Claim string `json:"claim"`

	// What an item must be: a text, in which one `*` stands for anything.
	Patterns []string `json:"patterns"`
}

// CaddyModule returns the Caddy module information.
func (Login) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "http.handlers.session_login",
		New: func() caddy.Module { return new(Login) },
	}
}

func (l *Login) provisionNames() (err error) {
	if l.set, err = headers.LookupSet(l.Headers); err != nil {
		return err
	}
	switch {
	case l.Headers == "none":
		return errors.New("headers: a login needs names for the hand-over; take remote, x-auth-request or x-forwarded")
	case l.User == "" && len(l.Claim) > 0:
		return errors.New("claim: without `user` the claims are those that the response names; add `user`, or leave `claim` out")
	}
	if err := cmp.Or(navigation.CheckRedirect("redirect", l.Redirect), navigation.CheckRedirect("fallback", l.Fallback)); err != nil {
		return err
	}
	seen := map[string]bool{"user": true, "": true}
	for _, claim := range l.Claim {
		switch {
		case len(claim.Values) == 0:
			return fmt.Errorf("claim %s: it needs a value", claim.Name)
		case claim.Name == "user":
			return errors.New("claim user: that is the name of the user id; write it with `user`")
		case seen[claim.Name]:
			return fmt.Errorf("claim %s: it is given twice; put all values of a list into one", claim.Name)
		}
		seen[claim.Name] = true
	}
	if err := l.checkClaims(); err != nil {
		return err
	}
	l.names, err = headers.NewNames(l.set.Names()...)
	return err
}

// separator is what separates the items of a text.
func (l *Login) separator() string { return cmp.Or(l.Separator, ",") }

// checkClaims refuses options that could not work.
func (l *Login) checkClaims() error {
	if strings.Trim(l.Separator, " \t") == "" && l.Separator != "" && l.Separator != " " {
		return fmt.Errorf("separator %q: white space is taken off items; choose another, or `\" \"` for any white space", l.Separator)
	}
	kept := make(map[string]bool)
	for _, keep := range l.Keep {
		switch {
		case keep.Claim == "" || len(keep.Patterns) == 0:
			return errors.New("keep: it needs a claim and at least one pattern")
		case keep.Claim == "user":
			return errors.New("keep user: the user id is no list; refuse users where they log in")
		case kept[keep.Claim]:
			return fmt.Errorf("keep %s: it is given twice; put all patterns into one", keep.Claim)
		}
		kept[keep.Claim] = true
		if err := identity.CheckPatterns(keep.Patterns); err != nil {
			return fmt.Errorf("keep %s: %w", keep.Claim, err)
		}
	}
	return nil
}

// keep leaves of the claims what the configuration lets count.
func (l *Login) keep(claims store.Claims) {
	for _, keep := range l.Keep {
		identity.Keep(claims, keep.Claim, keep.Patterns)
	}
}
