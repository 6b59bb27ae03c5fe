package caddysession

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// A login without `user` goes by what the handlers behind it answer. Where
// there is none nobody can ever log in, and Caddy would answer an empty page.

var errNoLoginPage = errors.New("session_login: nothing behind it answers, so nobody says who logs in; put a login page there, " +
	"such as `reverse_proxy login-page:9000`, or say who with `user`")

// unanswered reports whether the request of a login went through all handlers
// without an answer.
func (rw *response) unanswered(r *http.Request, names []string) bool {
	nobody, _ := caddyhttp.GetVar(r.Context(), "unhandled").(bool) // Caddy's own word, for its log
	named := slices.ContainsFunc(names, func(name string) bool { return rw.Header()[name] != nil })
	return nobody && !rw.wrote && !named
}

// findLoginsWithoutPage looks through the routes of all servers for logins that
// can never succeed. Where one may, by a matcher or by a handler that is not
// known here, it is left to the request.
func findLoginsWithoutPage(ctx caddy.Context) error {
	app, err := ctx.AppIfConfigured("http")
	if err != nil {
		return nil // no HTTP, no logins
	}
	servers := app.(*caddyhttp.App).Servers
	for _, name := range slices.Sorted(maps.Keys(servers)) {
		if lacksLoginPage(servers[name].Routes, false) {
			return fmt.Errorf("http server %s: %w", name, errNoLoginPage)
		}
	}
	return nil
}

// lacksLoginPage reports whether a login among the routes has nothing behind it
// that answers. answered: what comes after these routes may.
func lacksLoginPage(routes caddyhttp.RouteList, answered bool) bool {
	for i, route := range routes {
		behind := !route.Terminal && (answered || slices.ContainsFunc(routes[i+1:], func(later caddyhttp.Route) bool {
			return (later.Group == "" || later.Group != route.Group) && answers(later.Handlers)
		}))
		for j, handler := range route.Handlers {
			rest := behind || answers(route.Handlers[j+1:])
			switch h := handler.(type) {
			case *Login:
				if h.User == "" && !rest {
					return true
				}
			case *caddyhttp.Subroute:
				if lacksLoginPage(h.Routes, rest) {
					return true
				}
			}
		}
	}
	return false
}

// passing are handlers that answer nothing by themselves.
var passing = []caddy.ModuleID{
	"http.handlers.authentication", "http.handlers.encode", "http.handlers.log_append", "http.handlers.map",
	"http.handlers.request_body", "http.handlers.rewrite", "http.handlers.session", "http.handlers.session_login",
	"http.handlers.tracing", "http.handlers.vars",
}

// answers reports whether one of the handlers may answer.
func answers(handlers []caddyhttp.MiddlewareHandler) bool {
	return slices.ContainsFunc(handlers, func(handler caddyhttp.MiddlewareHandler) bool {
		if sub, ok := handler.(*caddyhttp.Subroute); ok {
			return slices.ContainsFunc(sub.Routes, func(route caddyhttp.Route) bool { return answers(route.Handlers) })
		}
		module, ok := handler.(caddy.Module)
		return !ok || !slices.Contains(passing, module.CaddyModule().ID)
	})
}
