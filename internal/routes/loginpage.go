package routes

import (
	"errors"
	"fmt"
	"slices"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// ErrNoLoginPage is that a login goes by what the handlers behind it answer, and
// there is none.
var ErrNoLoginPage = errors.New("session_login: nothing behind it answers, so nobody says who logs in; put a login page there, " +
	"such as `reverse_proxy login-page:9000`, or say who with `user`")

// CheckLogins fails with [ErrNoLoginPage] where a server has a login that can never
// succeed. Where a handler may answer, by a matcher or since it is not known here, it
// is left to the request.
func CheckLogins(servers map[string]*caddyhttp.Server, kind func(caddyhttp.MiddlewareHandler) Kind) error {
	for _, name := range names(servers) {
		if lacksLoginPage(servers[name].Routes, false, kind) {
			return fmt.Errorf("http server %s: %w", name, ErrNoLoginPage)
		}
	}
	return nil
}

// lacksLoginPage reports whether a login among the routes has nothing behind it
// that answers. answered: what comes after these routes may.
func lacksLoginPage(routes caddyhttp.RouteList, answered bool, kind func(caddyhttp.MiddlewareHandler) Kind) bool {
	for i, route := range routes {
		behind := !route.Terminal && (answered || slices.ContainsFunc(routes[i+1:], func(later caddyhttp.Route) bool {
			return (later.Group == "" || later.Group != route.Group) && answers(later.Handlers)
		}))
		for j, handler := range route.Handlers {
			rest := behind || answers(route.Handlers[j+1:])
			if kind(handler).ByPage && !rest {
				return true
			}
			if sub, ok := handler.(*caddyhttp.Subroute); ok && lacksLoginPage(sub.Routes, rest, kind) {
				return true
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
