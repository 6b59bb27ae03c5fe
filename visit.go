package caddysession

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
)

// Placeholders, and their prefixes.
const (
	phPrefix   = "http.session."
	phUser     = phPrefix + "user"
	phStatus   = phPrefix + "status"
	phClaims   = phPrefix + "claims."
	phAuth     = "http.auth.user."
	phAuthUser = phAuth + "id"
)

// What {http.session.status} says besides the reasons of package format.
const (
	statusOK          = "ok"
	statusNone        = "none"
	statusAmbiguous   = "ambiguous"
	statusForbidden   = "forbidden"
	statusUnavailable = "unavailable"
)

// visit is what is known of the session that a request's cookie stands for.
type visit struct {
	realm   *Realm
	status  string
	session *store.Session // nil: nobody
	token   *format.Lookup // nil: no cookie that this realm could have made
	err     error          // why it is unavailable or invalid

	companion        presented // whom the app's cookies belong to
	companionChecked bool
}

// visits is what the handlers of one request share. It lives among the
// request's variables.
type visits struct {
	realms  []*visit // one for each realm that was asked
	last    *visit   // of the guard that ran last: matcher and placeholders show it
	status  string   // what that guard decided
	guarded bool     // a guard has stripped the request
	exposed bool     // the identity is Caddy's {http.auth.user.*}, too
	wrapped bool     // the response is filtered already, further out
	cookies []string // Set-Cookie lines for the final response
}

const visitsVar = "caddy-session.visits"

// String keeps {http.vars.*} from showing what is inside.
func (*visits) String() string { return "" }

// visitsOf returns what this request's handlers share.
func visitsOf(r *http.Request, repl *caddy.Replacer) *visits {
	if v, ok := knownVisits(r); ok {
		return v
	}
	v := new(visits)
	caddyhttp.SetVar(r.Context(), visitsVar, v)
	repl.Map(v.placeholder)
	return v
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
	for _, known := range v.realms {
		if known.realm == realm {
			return known
		}
	}
	visited := realm.visit(r, now)
	v.realms = append(v.realms, visited)
	return visited
}

// visit reads the cookie and finds its session.
func (r *Realm) visit(req *http.Request, now time.Time) *visit {
	v := &visit{realm: r, status: statusNone}
	cookie := readCookie(req.Header["Cookie"], r.Cookie.Name)
	if len(r.appCookies) > 0 {
		v.companion = readCookie(req.Header["Cookie"], r.Cookie.companionName())
	}
	switch {
	case cookie.ambiguous:
		v.status = statusAmbiguous
	case cookie.found:
		v.find(req.Context(), cookie.value, now)
	}
	if v.status == string(format.ErrInvalid) || v.status == string(format.ErrUndecodable) {
		r.event(req, v.status, "a session's row cannot be used", v.err)
	}
	return v
}

func (v *visit) find(ctx context.Context, cookie string, now time.Time) {
	lookup, err := v.realm.format.Lookup(cookie, now)
	if err == nil {
		v.token = &lookup
		v.session, err = v.realm.finder.Find(ctx, lookup, now)
	}
	v.status, v.err = statusOf(err), err
}

// tokens returns what the request's cookies stand for, without asking the
// database: all of them where there are two, since a logout must end each.
func (v *visits) tokens(realm *Realm, r *http.Request) ([]format.Lookup, error) {
	var tokens []format.Lookup
	for _, value := range readCookies(r.Header["Cookie"], realm.Cookie.Name) {
		token, err := realm.format.Lookup(value, time.Now())
		switch {
		case err == nil:
			tokens = append(tokens, token)
		case statusOf(err) == statusUnavailable:
			return nil, err
		}
	}
	for _, known := range v.realms { // a guard has taken the cookie out already
		if known.realm == realm && known.token != nil && tokens == nil {
			tokens = append(tokens, *known.token)
		}
	}
	return tokens, nil
}

// statusOf names the outcome of a lookup. Whatever is not a reason of the
// format means that nobody can know.
func statusOf(err error) string {
	var reason format.Reason
	switch {
	case err == nil:
		return statusOK
	case errors.As(err, &reason):
		return string(reason)
	default:
		return statusUnavailable
	}
}

// began makes a session that has just been started the one of this request.
func (v *visits) began(realm *Realm, s *store.Session) {
	v.last = &visit{realm: realm, status: statusOK, session: s, token: &format.Lookup{Key: s.Key}, companionChecked: true}
	v.status = statusOK
	for i, known := range v.realms {
		if known.realm == realm {
			v.realms[i] = v.last
			return
		}
	}
	v.realms = append(v.realms, v.last)
}

// expose shows the identity as that of Caddy's own authentication, which the
// access log and FastCGI's REMOTE_USER take it from; nobody is shown as nobody,
// whatever another module found before.
func (v *visits) expose(repl *caddy.Replacer, shown *store.Session) {
	v.exposed = shown != nil
	if shown != nil {
		repl.Set(phAuthUser, shown.User)
	} else {
		repl.Delete(phAuthUser)
	}
}

// placeholder resolves the placeholders of this module.
func (v *visits) placeholder(name string) (any, bool) {
	if v.last == nil {
		return nil, false
	}
	if name == phStatus {
		return v.status, true
	}
	if field, ok := strings.CutPrefix(name, phPrefix); ok {
		return v.last.field(field)
	}
	if claim, ok := strings.CutPrefix(name, phAuth); ok && v.exposed {
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
		return v.session.Claims[claim].String(), true
	case name == "user":
		return v.session.User, true
	case name == "id":
		return v.session.ID, true
	}
	return nil, false
}
