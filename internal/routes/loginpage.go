package routes

import (
	"errors"
	"fmt"
	"slices"
)

// ErrNoLoginPage is that a login goes by what the handlers behind it answer, and
// there is none.
var ErrNoLoginPage = errors.New("session_login: nothing behind it answers, so nobody says who logs in; put a login page there, " +
	"such as `reverse_proxy login-page:9000`, or say who with `user`")

// CheckLogins fails with [ErrNoLoginPage] where a server has a login that can never
// succeed. Where a handler may answer, by a matcher or since it is not known here, it
// is left to the request.
func CheckLogins(servers []Server) error {
	for _, server := range servers {
		if lacksLoginPage(server.Routes, false) {
			return fmt.Errorf("http server %s: %w", server.Name, ErrNoLoginPage)
		}
	}
	return nil
}

// lacksLoginPage reports whether a login among the routes has nothing behind it
// that answers. answered: what comes after these routes may.
func lacksLoginPage(routes []Route, answered bool) bool {
	for i, route := range routes {
		behind := !route.Terminal && (answered || slices.ContainsFunc(routes[i+1:], func(later Route) bool {
			return (later.Group == "" || later.Group != route.Group) && answers(later.Handlers)
		}))
		for j, handler := range route.Handlers {
			rest := behind || answers(route.Handlers[j+1:])
			if handler.ByPage && !rest || lacksLoginPage(handler.Routes, rest) {
				return true
			}
		}
	}
	return false
}

// passing are handlers that answer nothing by themselves.
var passing = []string{
	"http.handlers.authentication", "http.handlers.encode", "http.handlers.log_append", "http.handlers.map",
	"http.handlers.request_body", "http.handlers.rewrite", "http.handlers.session", "http.handlers.session_login",
	"http.handlers.tracing", "http.handlers.vars",
}

// answers reports whether one of the handlers may answer.
func answers(handlers []Handler) bool {
	return slices.ContainsFunc(handlers, func(handler Handler) bool {
		id := idOf(handler.Module)
		if id == subroute {
			return slices.ContainsFunc(handler.Routes, func(route Route) bool { return answers(route.Handlers) })
		}
		return !slices.Contains(passing, id)
	})
}
