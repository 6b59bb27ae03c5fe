package caddysession

import (
	"maps"
	"slices"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/seed-11312c3d/caddy-session/internal/routes"
)

// checkRoutes refuses logins that nobody can answer, and warns of what else is amiss.
func (a *App) checkRoutes() error {
	app, err := a.ctx.AppIfConfigured("http")
	if err != nil {
		return nil // no HTTP, nothing to check
	}
	configured := app.(*caddyhttp.App).Servers
	var servers []routes.Server
	for _, name := range slices.Sorted(maps.Keys(configured)) {
		server := routes.Server{Name: name, Routes: routeTree(configured[name].Routes)}
		if errors := configured[name].Errors; errors != nil {
			server.Errors = routeTree(errors.Routes)
		}
		servers = append(servers, server)
	}
	for _, f := range routes.Check(servers) {
		a.ctx.Logger().Warn(f.Message, zap.String("server", f.Server), zap.String("route", f.Where))
	}
	return routes.CheckLogins(servers)
}

// routeTree is what is looked at of routes.
func routeTree(list caddyhttp.RouteList) []routes.Route {
	tree := make([]routes.Route, len(list))
	for i, route := range list {
		tree[i] = routes.Route{Group: route.Group, Terminal: route.Terminal}
		for _, matcher := range slices.Concat(route.MatcherSets...) {
			tree[i].Matchers = append(tree[i].Matchers, matcher)
		}
		for _, handler := range route.Handlers {
			node := routes.Handler{Module: handler}
			switch h := handler.(type) {
			case *Guard:
				node.Kind = h.realm.kind(!h.StripOnly)
			case *Login:
				node.Kind = h.realm.kind(true)
				node.Guards, node.ByPage = false, h.User == ""
			case *caddyhttp.Subroute:
				node.Routes = routeTree(h.Routes)
			}
			tree[i].Handlers = append(tree[i].Handlers, node)
		}
	}
	return tree
}

// kind is what a handler of the realm is, which may only strip.
func (r *Realm) kind(asks bool) routes.Kind {
	if !asks {
		return routes.Kind{Strips: true}
	}
	return routes.Kind{Guards: true, Strips: true, Realm: r.name, Cookie: r.sessionCookie.Name, Domain: r.sessionCookie.Domain}
}
