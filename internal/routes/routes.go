// Package routes looks through the routes of Caddy's servers when a
// configuration is loaded, for what can be seen to go wrong before any request
// comes: a login that nobody answers, an app that is guarded in one route and
// open in another, a cache that serves one user's page to another, two realms
// that take each other's cookies for their own. It serves no request.
package routes

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2"
)

// Kind is what a handler is to this module; the zero value: none of ours.
type Kind struct {
	Guards bool // it hands identities over
	Strips bool // what clients say under its headers ends here
	ByPage bool // a login that goes by what the handlers behind it answer

	Realm  string // whose sessions it knows
	Cookie string // that carries them
	Domain string // of that cookie; empty: it is the host's alone
}

// Finding is something that an operator should look at.
type Finding struct {
	Server  string // the server's name in the configuration
	Where   string // the matchers of the route, as the configuration has them
	Message string // what is wrong, and the remedy
}

// Server is one of an HTTP app's servers.
type Server struct {
	Name           string
	Routes, Errors []Route
}

// Route is one of a server's routes.
type Route struct {
	Group    string
	Terminal bool
	Matchers []any // of all its sets; none: it is every request's
	Handlers []Handler
}

// Handler is one of a route's handlers.
type Handler struct {
	Kind
	Module any     // the handler itself
	Routes []Route // of a subroute
}

const subroute = "http.handlers.subroute"

// idOf is a module's ID, or nothing where there is none.
func idOf(module any) string {
	if m, ok := module.(caddy.Module); ok {
		return string(m.CaddyModule().ID)
	}
	return ""
}

// Check looks through all servers.
func Check(servers []Server) (found []Finding) {
	for _, server := range servers {
		w := walk{server: server.Name, guarded: make(map[string]bool)}
		w.routes(server.Routes, state{})
		w.routes(server.Errors, state{})
		found = append(found, w.open()...)
		found = append(found, w.found...)
		found = append(found, w.sameCookie()...)
	}
	return found
}

// state is what a request has passed on its way to a route.
type state struct {
	strips bool // our headers are in our hands
	guards bool // an identity may be in the request

	answered bool // nothing behind is reached
	hosts    []string
	where    []string // the matchers
}

// reached is an upstream that a route leads to.
type reached struct{ upstream, where string }

// walk goes through the routes of one server.
type walk struct {
	server  string
	guarded map[string]bool // upstreams that identities go to
	bare    []reached       // upstreams that are reached unstripped
	realms  []used
	found   []Finding
}

// routes returns what requests have passed that go on behind the routes, as far
// as all of them have.
func (w *walk) routes(routes []Route, at state) state {
	for _, route := range routes {
		inside := at.matched(route.Matchers)
		behind := w.handlers(route.Handlers, inside)
		if len(route.Matchers) == 0 && route.Group == "" && !route.Terminal && !behind.answered {
			at.strips, at.guards = behind.strips, behind.guards
		}
	}
	return at
}

func (w *walk) handlers(handlers []Handler, at state) state {
	for _, handler := range handlers {
		at.strips = at.strips || handler.Strips
		at.guards = at.guards || handler.Guards
		if handler.Realm != "" {
			w.realms = append(w.realms, used{handler.Kind, at.hosts})
		}
		switch id := idOf(handler.Module); {
		case id == subroute:
			at = w.routes(handler.Routes, at)
		case id == "http.handlers.static_response":
			at.answered = true
		case id == "http.handlers.reverse_proxy":
			w.proxy(handler.Module, at)
			at.answered = true
		case at.guards && (id == "http.handlers.cache" || id == "http.handlers.souin"):
			w.found = append(w.found, Finding{w.server, at.place(), "a cache behind the guard serves one user's pages to another: " +
				"put `cache` before `session`, or outside of the `route` that has both"})
		}
	}
	return at
}

// proxy notes which upstreams are reached, and how.
func (w *walk) proxy(handler any, at state) {
	var proxy struct {
		Upstreams []struct {
			Dial string `json:"dial"`
		} `json:"upstreams"`
	}
	text, err := json.Marshal(handler)
	if err != nil || json.Unmarshal(text, &proxy) != nil {
		return
	}
	for _, upstream := range proxy.Upstreams {
		switch {
		case at.guards:
			w.guarded[upstream.Dial] = true
		case !at.strips:
			w.bare = append(w.bare, reached{upstream.Dial, at.place()})
		}
	}
}

// open finds the ways around a guard.
func (w *walk) open() (found []Finding) {
	for _, r := range w.bare {
		if w.guarded[r.upstream] {
			found = append(found, Finding{w.server, r.where, fmt.Sprintf("a guard protects %s, and this route leads to it without one: "+
				"what a client says in Remote-User or another header of the guard arrives there; exempt paths with the guard's `public`, or put `session { strip_only }` into the route", r.upstream)})
		}
	}
	return found
}

// matched is the state inside of a route.
func (s state) matched(matchers []any) state {
	for _, matcher := range matchers {
		if hosts, ok := hostsOf(matcher); ok {
			s.hosts = hosts
		}
		if text := describe(matcher); text != "" {
			s.where = append(slices.Clip(s.where), text)
		}
	}
	return s
}

// hostsOf are the hosts of a matcher that has some.
func hostsOf(matcher any) (hosts []string, ok bool) {
	if idOf(matcher) != "http.matchers.host" {
		return nil, false
	}
	text, err := json.Marshal(matcher)
	return hosts, err == nil && json.Unmarshal(text, &hosts) == nil
}

func (s state) place() string { return strings.Join(s.where, ", ") }

// shown are matchers whose values hold no secret.
var shown = []string{"host", "path", "method", "protocol"}

// describe writes a matcher as the configuration has it, or only its name.
func describe(matcher any) string {
	module, ok := matcher.(caddy.Module)
	if !ok {
		return ""
	}
	name := module.CaddyModule().ID.Name()
	text, err := json.Marshal(matcher)
	if err != nil || !slices.Contains(shown, name) {
		return name
	}
	return name + " " + string(text)
}
