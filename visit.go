package caddysession

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/internal/cookies"
	"github.com/seed-11312c3d/caddy-session/internal/headers"
	"github.com/seed-11312c3d/caddy-session/store"
)

// What {http.session.status} says besides the reasons of package format.
const (
	statusOK          = "ok"
	statusStale       = "stale" // a session that was found a while ago: the database cannot be asked now
	statusNone        = "none"
	statusAmbiguous   = "ambiguous"
	statusForbidden   = "forbidden"
	statusUnavailable = "unavailable"
)

// visit is what is known of the session that a request's cookie stands for.
type visit struct {
	realm   *Realm
	status  string
	session *found        // nil: nobody
	token   format.Lookup // of a cookie that this realm could have made
	known   bool          // there is such a cookie
	values  []string      // what the cookie was, where there were two different ones
	err     error         // why it is unavailable or invalid

	companion        cookies.Presented // whom the app's cookies belong to
	companionChecked bool
}

// visits is what the handlers of one request share. It lives among the
// request's variables.
type visits struct {
	first   visit // to the realm that was asked first; most requests ask no other
	others  []*visit
	last    *visit            // of the guard that ran last: matcher and placeholders show it
	status  string            // what that guard decided
	exposed bool              // the identity is Caddy's {http.auth.user.*}, too
	wrapped bool              // the response is filtered already, further out
	app     *appCookieCheck   // nil: no guard has looked at app_cookies
	managed []*headers.Names  // what guards have stripped, and may have set
	space   [2]*headers.Names // of managed, mostly
	values  [8]string         // of the first guard's headers, mostly
	taken   bool              // values is in use
	cookies []string          // Set-Cookie lines for the final response

	response response // the filter of the first guard or login
}

const visitsVar = "caddy-session.visits"

// String keeps {http.vars.*} from showing what is inside.
func (*visits) String() string { return "" }

// visitsOf returns what this request's handlers share.
func visitsOf(r *http.Request, repl *caddy.Replacer) *visits {
	vars, _ := r.Context().Value(caddyhttp.VarsCtxKey).(map[string]any)
	if v, ok := vars[visitsVar].(*visits); ok {
		return v
	}
	v := new(visits)
	if vars != nil {
		vars[visitsVar] = v
	}
	repl.Map(v.placeholder)
	return v
}

// stripped notes what a guard has removed from the request, and may set.
func (v *visits) stripped(names *headers.Names) {
	if v.managed == nil {
		v.managed = v.space[:0]
	}
	v.managed = append(v.managed, names)
}

// takeSpace returns room for the values of headers, once: what is in it stays
// what a header says.
func (v *visits) takeSpace() []string {
	if v.taken {
		return nil
	}
	v.taken = true
	return v.values[:0]
}

func knownVisits(r *http.Request) (*visits, bool) {
	v, ok := caddyhttp.GetVar(r.Context(), visitsVar).(*visits)
	return v, ok
}

func replacerOf(r *http.Request) *caddy.Replacer {
	return r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer)
}

// of returns the request's visit to a realm. The database is asked once for
// each request, however many guards it passes.
func (v *visits) of(realm *Realm, r *http.Request, now time.Time) *visit {
	if known := v.known(realm); known != nil {
		return known
	}
	visited := v.add(realm)
	visited.read(r, now)
	return visited
}

// known returns the visit to a realm that was asked already, or nil.
func (v *visits) known(realm *Realm) *visit {
	if v.first.realm == realm {
		return &v.first
	}
	for _, other := range v.others {
		if other.realm == realm {
			return other
		}
	}
	return nil
}

func (v *visits) add(realm *Realm) *visit {
	visited := &v.first
	if visited.realm != nil {
		visited = new(visit)
		v.others = append(v.others, visited)
	}
	visited.realm, visited.status = realm, statusNone
	return visited
}

// read reads the cookie and finds its session.
func (v *visit) read(r *http.Request, now time.Time) {
	lines := r.Header["Cookie"]
	cookie := cookies.Read(lines, v.realm.sessionCookie.Name)
	if len(v.realm.appCookies) > 0 {
		v.companion = cookies.Read(lines, v.realm.sessionCookie.Companion)
	}
	if cookie.Ambiguous {
		v.values = cookies.ReadAll(lines, v.realm.sessionCookie.Name)
	}
	switch {
	case cookie.Ambiguous && v.realm.tries() > 1:
		v.tryAll(r, now)
	case cookie.Ambiguous:
		v.status = statusAmbiguous
	case cookie.Found:
		v.find(r.Context(), cookie.Value, now)
	case v.realm.sessionCookie.Chunked && v.realm.sessionCookie.HasChunks(lines):
		v.status, v.err = string(format.ErrMalformed), errChunks
	}
	if v.status == string(format.ErrMalformed) && v.err != error(format.ErrMalformed) {
		v.realm.hint(v.err)
	}
	if v.status == statusStale {
		v.realm.excuse(v.err)
	}
	if v.status == string(format.ErrInvalid) || v.status == string(format.ErrUndecodable) {
		v.realm.event(r, v.status, "a session's row cannot be used", v.err)
	}
}

var errChunks = fmt.Errorf("%w: it comes in chunks, as Auth.js makes them of the session strategy jwt; set session.strategy to database", format.ErrMalformed)

func (v *visit) find(ctx context.Context, cookie string, now time.Time) {
	v.realm.db.await(v.realm.population.settings.store.LookupTimeout)
	lookup, err := v.realm.format.Lookup(cookie, now)
	if err == nil {
		v.token, v.known = lookup, true
		v.session, err = v.realm.finder.Find(ctx, lookup, now)
	}
	v.status, v.err = statusOf(err), err
}

// tryAll tries each of several different values, as some programs do. Two
// values that stand for two users are nobody all the same.
func (v *visit) tryAll(r *http.Request, now time.Time) {
	var best visit
	for i, value := range v.values {
		if i >= v.realm.tries() {
			break
		}
		tried := visit{realm: v.realm}
		tried.find(r.Context(), value, now)
		switch {
		case tried.status == statusUnavailable:
			v.status, v.err = tried.status, tried.err
			return
		case best.session != nil && tried.session != nil && best.session.user != tried.session.user:
			v.status = statusAmbiguous
			return
		case best.session == nil:
			best = tried
		}
	}
	v.status, v.err, v.session, v.token, v.known = best.status, best.err, best.session, best.token, best.known
}

// tokens returns what the request's cookies stand for, without asking the
// database: all of them where there are two, since a logout must end each.
func (v *visits) tokens(realm *Realm, r *http.Request) ([]format.Lookup, error) {
	realm.db.await(realm.population.settings.store.LookupTimeout)
	var tokens []format.Lookup
	values := cookies.ReadAll(r.Header["Cookie"], realm.sessionCookie.Name)
	if known := v.known(realm); values == nil && known != nil {
		values = known.values // a guard has taken them out
	}
	for _, value := range values {
		token, err := realm.format.Lookup(value, time.Now())
		switch {
		case err == nil:
			tokens = append(tokens, token)
		case statusOf(err) == statusUnavailable:
			return nil, err
		}
	}
	if known := v.known(realm); tokens == nil && known != nil && known.known {
		tokens = append(tokens, known.token) // a guard has taken the cookie out already
	}
	return tokens, nil
}

// asNobody is the visit without its session, for what looks at it after a guard
// that must not send the identity.
func (v *visit) asNobody() *visit {
	nobody := *v
	nobody.session = nil
	return &nobody
}

// statusOf names the outcome of a lookup. Whatever is not a reason of the
// format means that nobody can know.
func statusOf(err error) string {
	if err == nil {
		return statusOK
	}
	if reason, ok := errors.AsType[format.Reason](err); ok {
		return string(reason)
	}
	return statusUnavailable
}

// began makes a session that has just been started the one of this request.
func (v *visits) began(realm *Realm, s *store.Session) {
	if v.last = v.known(realm); v.last == nil {
		v.last = v.add(realm)
	}
	*v.last = visit{
		realm: realm, status: statusOK, session: newFound(s),
		token: format.Lookup{Key: s.Key}, known: true, companionChecked: true,
	}
	v.status = statusOK
}

// expose shows the identity as that of Caddy's own authentication, which the
// access log and FastCGI's REMOTE_USER take it from; nobody is shown as nobody,
// whatever another module found before.
func (v *visits) expose(repl *caddy.Replacer, shown *found) {
	v.exposed = shown != nil
	repl.DeleteByPrefix(headers.PlaceholderAuth) // placeholder answers, unless another module sets them after us
}

// placeholder resolves the placeholders of this module.
func (v *visits) placeholder(name string) (any, bool) {
	if v.last == nil {
		return nil, false
	}
	if name == headers.PlaceholderStatus {
		return v.status, true
	}
	if field, ok := strings.CutPrefix(name, headers.PlaceholderPrefix); ok {
		return v.last.field(field)
	}
	if claim, ok := strings.CutPrefix(name, headers.PlaceholderAuth); ok && v.exposed {
		if name == headers.PlaceholderAuthUser {
			return v.last.field("user")
		}
		return v.last.field("claims." + claim)
	}
	return nil, false
}

func (v *visit) field(name string) (any, bool) {
	claim, isClaim := strings.CutPrefix(name, "claims.")
	switch {
	case v.session == nil:
		return "", isClaim || name == "user" || name == "id"
	case isClaim:
		return v.session.identity().Claims[claim].String(), true
	case name == "user":
		return v.session.user, true
	case name == "id":
		return v.session.publicID(), true
	}
	return nil, false
}
