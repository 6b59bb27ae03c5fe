package caddysession

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/seed-11312c3d/caddy-session/internal/headers"
	"github.com/seed-11312c3d/caddy-session/internal/identity"
	"github.com/seed-11312c3d/caddy-session/internal/navigation"
	"github.com/seed-11312c3d/caddy-session/store"
)

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

	// What separates the items where the claim `groups` comes as one text.
	// Default: `,`.
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

// CaddyModule returns the Caddy module information.
func (Login) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "http.handlers.session_login",
		New: func() caddy.Module { return new(Login) },
	}
}

// Provision completes the login. It touches no database.
func (l *Login) Provision(ctx caddy.Context) (err error) {
	l.logger = ctx.Logger()
	if err := l.provisionNames(); err != nil {
		return err
	}
	if l.realm, err = realmOf(ctx, l.Realm, true); err != nil {
		return err
	}
	if l.User != "" {
		l.realm.watchPasswordPrompt()
	}
	if err := l.realm.run.CanCreate(); err != nil {
		return fmt.Errorf("realm %s: %w; remove this login, or name a realm of the format native", l.realm.name, err)
	}
	return nil
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
	if err := cmp.Or(checkRedirect("redirect", l.Redirect), checkRedirect("fallback", l.Fallback)); err != nil {
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
	l.names = new(headers.Names)
	for _, name := range append(headers.DefaultNames(), l.set.Names()...) {
		if err := l.names.Add(name); err != nil {
			return err
		}
	}
	return nil
}

// ServeHTTP starts a session at once, or lets the next handlers say whose.
func (l *Login) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	repl := replacerOf(r)
	state := requestStateOf(r, repl)
	id := l.configured(repl) // before stripping: it may come from a header that was set by Caddy
	l.names.Strip(r, state.managed...)
	headers.DropUpgrade(r.Header)
	if r.Method != http.MethodGet && r.Method != http.MethodHead && navigation.IsCrossSite(r, l.realm.origin(r), l.realm.site()) {
		return answer(w, r, http.StatusForbidden, errors.New("a login from another site"), "")
	}
	if err := l.realm.run.Hold(); err != nil {
		return l.realm.unavailable(w, r, err)
	}
	defer l.realm.run.Release()

	attempt := &loginAttempt{login: l, request: r, state: state}
	var err error
	if attempt.replaces, err = state.tokens(l.realm); err != nil {
		return l.realm.unavailable(w, r, err)
	}
	l.realm.removeCredentials(r.Header, false)
	rw := newResponse(w, l.names, l.realm, state)
	if l.User != "" && l.realm.asksAgain(w, r, state) {
		rw.leave()
		return answer(w, r, http.StatusUnauthorized, errAskAgain, "")
	}
	if l.User != "" {
		if err := attempt.begin(id); err != nil {
			rw.leave()
			return attempt.failed(w, err)
		}
		if l.Redirect != "" {
			rw.Header()["Location"] = []string{attempt.target()}
			rw.WriteHeader(http.StatusSeeOther)
			return nil
		}
	} else {
		rw.final = func(status int) int { return attempt.watch(rw, status) }
	}
	if err := next.ServeHTTP(rw, r); err != nil {
		rw.leave()
		return err
	}
	if l.User == "" && rw.unanswered(r, l.set.Names()) {
		attempt.refused = errNoLoginPage
	}
	if attempt.refused != nil {
		rw.leave()
		return attempt.failed(w, attempt.refused)
	}
	rw.finish()
	return nil
}

// configured returns the identity that `user` and `claim` describe.
func (l *Login) configured(repl *caddy.Replacer) store.Identity {
	id := store.Identity{User: repl.ReplaceAll(l.User, ""), Claims: make(store.Claims, len(l.Claim))}
	for _, claim := range l.Claim {
		values := make([]string, 0, len(claim.Values))
		for _, value := range claim.Values {
			values = append(values, repl.ReplaceAll(value, ""))
		}
		id.Claims[claim.Name] = identity.Claim(claim.Name, values, l.separator())
	}
	return id
}

func clientAddress(r *http.Request) string {
	addr, _ := caddyhttp.GetVar(r.Context(), caddyhttp.ClientIPVarKey).(string)
	return addr
}

// Interface guards
var (
	_ caddy.Provisioner           = (*Login)(nil)
	_ caddyhttp.MiddlewareHandler = (*Login)(nil)
)
