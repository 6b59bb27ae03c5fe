package caddysession

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/internal/cookies"
	"github.com/seed-11312c3d/caddy-session/internal/headers"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
	"github.com/seed-11312c3d/caddy-session/internal/resolve"
	"github.com/seed-11312c3d/caddy-session/store"
)

// requestState is what the handlers of one request share. It lives among the
// request's variables.
type requestState struct {
	first   resolution // of the realm that was asked first; most requests ask no other
	others  []*resolution
	last    *resolution      // of the guard that ran last: matcher and placeholders show it
	status  string           // what that guard decided
	guarded bool             // a guard has run, whatever it said
	exposed bool             // the identity is Caddy's {http.auth.user.*}, too
	wrapped bool             // the response is filtered already, further out
	taken   cookies.Taken    // by guards that only strip
	owners  *Realm           // whose program is the upstream, and may set its cookies
	valued  bool             // scratch.values is in use: what is in it stays what a header says
	app     *cookies.Binding // of the app's cookies to the user whom the app sees; nil: of none
	managed []*headers.Names // what guards have stripped, and may have set
	arrived []string         // the Cookie lines as they came
	cookies []string         // Set-Cookie lines for the final response
	left    []string         // those that are in its header already

	scratch scratch
}

// scratch is room for what nearly every request needs, in one piece of memory
// with the rest: TestBudget_AllocationsOfTheGuard and BenchmarkGuard hold that.
type scratch struct {
	arrived  [2]string
	managed  [2]*headers.Names
	values   [8]string // of the first guard's headers
	response response  // the filter of the first guard or login
	caches   [2]string // what that says to caches
	noStore  [2]string // what the request says to them
}

const requestStateVar = "caddy-session.state"

// String keeps {http.vars.*} from showing what is inside.
func (*requestState) String() string { return "" }

// requestStateOf returns what this request's handlers share.
func requestStateOf(r *http.Request, repl *caddy.Replacer) *requestState {
	vars, _ := r.Context().Value(caddyhttp.VarsCtxKey).(map[string]any)
	if s, ok := vars[requestStateVar].(*requestState); ok {
		return s
	}
	s := new(requestState)
	s.arrived = append(s.scratch.arrived[:0], r.Header["Cookie"]...) // handlers take some out, in place
	if vars != nil {
		vars[requestStateVar] = s
	}
	repl.Map(s.placeholder)
	return s
}

// knownState returns the state of a request that a handler of ours has seen.
func knownState(r *http.Request) (*requestState, bool) {
	s, ok := caddyhttp.GetVar(r.Context(), requestStateVar).(*requestState)
	return s, ok
}

func replacerOf(r *http.Request) *caddy.Replacer {
	return r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer)
}

// stripped notes what a guard has removed from the request, and may set.
func (s *requestState) stripped(names *headers.Names) {
	if s.managed == nil {
		s.managed = s.scratch.managed[:0]
	}
	s.managed = append(s.managed, names)
}

// takeValues returns room for the values of headers, once.
func (s *requestState) takeValues() []string {
	if s.valued {
		return nil
	}
	s.valued = true
	return s.scratch.values[:0]
}

// resolve resolves the request's cookie of a realm. The database is asked once
// for each request, however many guards it passes.
func (s *requestState) resolve(realm *Realm, r *http.Request, now time.Time) *resolution {
	if known := s.resolved(realm); known != nil {
		return known
	}
	res := s.add(realm)
	res.resolve(r, s.arrived, now)
	return res
}

// resolved returns the resolution of a realm that was asked already, or nil.
func (s *requestState) resolved(realm *Realm) *resolution {
	if s.first.realm == realm {
		return &s.first
	}
	for _, other := range s.others {
		if other.realm == realm {
			return other
		}
	}
	return nil
}

func (s *requestState) add(realm *Realm) *resolution {
	res := &s.first
	if res.realm != nil {
		res = new(resolution)
		s.others = append(s.others, res)
	}
	res.realm, res.Status = realm, resolve.StatusNone
	return res
}

// tokens are what the request's cookies of a realm stand for.
func (s *requestState) tokens(realm *Realm) (resolve.Presented, error) {
	return realm.source("").Tokens(s.arrived, time.Now())
}

// began makes a session that has just been started the one of this request.
func (s *requestState) began(realm *Realm, started *store.Session) {
	if s.last = s.resolved(realm); s.last == nil {
		s.last = s.add(realm)
	}
	*s.last = resolution{realm: realm, Result: resolve.Started(lookup.NewSession(started), format.Lookup{Key: started.Key})}
	s.status = lookup.StatusOK
}

// addCookie adds a Set-Cookie line to the request's final answer. A later line
// for the same cookie takes the place of an earlier one.
func (s *requestState) addCookie(line string) {
	name, _, _ := strings.Cut(line, "=")
	s.dropCookie(name)
	s.cookies = append(s.cookies, line)
}

func (s *requestState) dropCookie(name string) {
	s.cookies = slices.DeleteFunc(s.cookies, func(other string) bool { return strings.HasPrefix(other, name+"=") })
}
