// Package routes looks through the routes of Caddy's servers when a
// configuration is loaded, for what can be seen to go wrong before any request
// comes: a login that nobody answers, an app that is guarded in one route and
// open in another, a cache that serves one user's page to another, two realms
// that take each other's cookies for their own. It serves no request.
package routes

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
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

func names(servers map[string]*caddyhttp.Server) []string {
	return slices.Sorted(maps.Keys(servers))
}

// Check looks through all servers. kind says what each handler is.
func Check(servers map[string]*caddyhttp.Server, kind func(caddyhttp.MiddlewareHandler) Kind) (found []Finding) {
	for _, name := range names(servers) {
		w := walk{kind: kind, server: name, guarded: make(map[string]bool)}
		w.routes(servers[name].Routes, state{})
		if errors := servers[name].Errors; errors != nil {
			w.routes(errors.Routes, state{})
		}
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

// used is a realm that a route's handlers ask.
type used struct {
	Kind
	hosts []string // nil: any
}

// walk goes through the routes of one server.
type walk struct {
	kind    func(caddyhttp.MiddlewareHandler) Kind
	server  string
	guarded map[string]bool // upstreams that identities go to
	bare    []reached       // upstreams that are reached unstripped
	realms  []used
	found   []Finding
}

// routes returns what requests have passed that go on behind the routes, as far
// as all of them have.
func (w *walk) routes(routes caddyhttp.RouteList, at state) state {
	for _, route := range routes {
		inside := at.matched(route.MatcherSets)
		behind := w.handlers(route.Handlers, inside)
		if len(route.MatcherSets) == 0 && route.Group == "" && !route.Terminal && !behind.answered {
			at.strips, at.guards = behind.strips, behind.guards
		}
	}
	return at
}

func (w *walk) handlers(handlers []caddyhttp.MiddlewareHandler, at state) state {
	for _, handler := range handlers {
		switch sub := handler.(type) {
		case *caddyhttp.Subroute:
			at = w.routes(sub.Routes, at)
			continue
		case *caddyhttp.StaticResponse:
			at.answered = true
		}
		kind := w.kind(handler)
		at.strips = at.strips || kind.Strips
		at.guards = at.guards || kind.Guards
		if kind.Realm != "" {
			w.realms = append(w.realms, used{kind, at.hosts})
		}
		module, ok := handler.(caddy.Module)
		if !ok {
			continue
		}
		switch id := module.CaddyModule().ID; {
		case id == "http.handlers.reverse_proxy":
			w.proxy(handler, at)
			at.answered = true
		case at.guards && (id == "http.handlers.cache" || id == "http.handlers.souin"):
			w.found = append(w.found, Finding{w.server, at.place(), "a cache behind the guard serves one user's pages to another: " +
				"put `cache` before `session`, or outside of the `route` that has both"})
		}
	}
	return at
}

// proxy notes which upstreams are reached, and how.
func (w *walk) proxy(handler caddyhttp.MiddlewareHandler, at state) {
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

// sameCookie finds realms that share a cookie's name on one host.
func (w *walk) sameCookie() (found []Finding) {
	told := make(map[[2]string]bool)
	for i, a := range w.realms {
		for _, b := range w.realms[:i] {
			pair := [2]string{min(a.Realm, b.Realm), max(a.Realm, b.Realm)}
			if a.Realm == b.Realm || a.Cookie != b.Cookie || told[pair] || !a.meet(b) {
				continue
			}
			told[pair] = true
			found = append(found, Finding{w.server, strings.Join(a.hosts, ", "), fmt.Sprintf("the realms %s and %s both call their cookie %s on one host: "+
				"a login to the one logs out of the other; give one of them `cookie <another name>`", pair[0], pair[1], a.Cookie)})
		}
	}
	return found
}

// matched is the state inside of a route.
func (s state) matched(sets caddyhttp.MatcherSets) state {
	for _, set := range sets {
		for _, matcher := range set {
			if hosts, ok := matcher.(caddyhttp.MatchHost); ok {
				s.hosts = hosts
			} else if hosts, ok := matcher.(*caddyhttp.MatchHost); ok {
				s.hosts = *hosts
			}
			if text := describe(matcher); text != "" {
				s.where = append(slices.Clip(s.where), text)
			}
		}
	}
	return s
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

// meet reports whether a browser may send one cookie to both.
func (u used) meet(other used) bool {
	return overlap(u.hosts, other.hosts) || u.reaches(other) || other.reaches(u)
}

// reaches reports whether the one's cookie, which has a domain, goes where the
// other one's goes.
func (u used) reaches(other used) bool {
	below := func(host string) bool { return host == u.Domain || strings.HasSuffix(host, "."+u.Domain) }
	return u.Domain != "" && (below(other.Domain) || slices.ContainsFunc(other.hosts, func(host string) bool { return below(strings.ToLower(host)) }))
}

// overlap reports whether a request may be for a host of both lists; nil is any.
func overlap(a, b []string) bool {
	if a == nil || b == nil {
		return true
	}
	return slices.ContainsFunc(a, func(x string) bool {
		return slices.ContainsFunc(b, func(y string) bool { return covers(x, y) || covers(y, x) })
	})
}

// covers reports whether a pattern, in which a label may be `*`, means a host.
func covers(pattern, host string) bool {
	labels := strings.Split(strings.ToLower(host), ".")
	wanted := strings.Split(strings.ToLower(pattern), ".")
	if len(labels) != len(wanted) {
		return false
	}
	for i, want := range wanted {
		if want != "*" && want != labels[i] {
			return false
		}
	}
	return true
}
