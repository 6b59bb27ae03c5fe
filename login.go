package caddysession

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/seed-11312c3d/caddy-session/internal/headers"
	"github.com/seed-11312c3d/caddy-session/internal/identity"
	"github.com/seed-11312c3d/caddy-session/internal/navigation"
	"github.com/seed-11312c3d/caddy-session/internal/routes"
	"github.com/seed-11312c3d/caddy-session/store"
)

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

// ServeHTTP starts a session at once, or lets the next handlers say whose.
func (l *Login) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	repl := replacerOf(r)
	state := requestStateOf(r, repl)
	id := l.configured(repl) // before stripping: it may come from a header that was set by Caddy
	l.names.Strip(r, state.managed...)
	headers.DropUpgrade(r.Header)
	if r.Method != http.MethodGet && r.Method != http.MethodHead && navigation.IsCrossSite(r, l.realm.origin(r), l.realm.site()) {
		return l.realm.refuse(w, r, http.StatusForbidden, errLoginElsewhere, "")
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
		attempt.refused = routes.ErrNoLoginPage
	}
	if attempt.refused != nil {
		rw.leave()
		return attempt.failed(w, attempt.refused)
	}
	rw.finish()
	return nil
}

// unanswered reports whether the request of a login went through all handlers
// without an answer: Caddy would make an empty page of it.
func (rw *response) unanswered(r *http.Request, names []string) bool {
	nobody, _ := caddyhttp.GetVar(r.Context(), "unhandled").(bool) // Caddy's own word, for its log
	named := slices.ContainsFunc(names, func(name string) bool { return rw.Header()[name] != nil })
	return nobody && !rw.wrote && !named
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

// Interface guards
var (
	_ caddy.Provisioner           = (*Login)(nil)
	_ caddyhttp.MiddlewareHandler = (*Login)(nil)
)
