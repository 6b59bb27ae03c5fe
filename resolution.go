package caddysession

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/internal/cookies"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
)

// What {http.session.status} says besides what package lookup does.
const (
	statusNone      = "none"
	statusAmbiguous = "ambiguous"
	statusForbidden = "forbidden"
	statusMalformed = string(format.ErrMalformed)
	statusInvalid   = string(format.ErrInvalid)
)

// resolution is what is known of the session that a request's cookie stands for.
type resolution struct {
	realm   *Realm
	status  string
	session *lookup.Session // nil: nobody
	token   format.Lookup   // of a cookie that this realm could have made
	known   bool            // there is such a cookie
	values  []string        // what the cookie was, where there were two different ones
	err     error           // why it is unavailable or invalid

	companion        cookies.Presented // whom the app's cookies belong to
	companionChecked bool
}

// resolve reads the cookie and finds its session.
func (v *resolution) resolve(r *http.Request, now time.Time) {
	v.read(r, now)
	switch {
	case v.status == statusMalformed && v.err != error(format.ErrMalformed):
		v.realm.warnMalformed(v.err)
	case v.status == lookup.StatusStale:
		v.realm.warnStale(v.err)
	case v.status == statusInvalid || v.status == string(format.ErrUndecodable):
		v.realm.event(r, v.status, "a session's row cannot be used", v.err)
	}
}

func (v *resolution) read(r *http.Request, now time.Time) {
	lines, own := r.Header["Cookie"], v.realm.sessionCookie
	cookie := cookies.Read(lines, own.Name)
	if len(v.realm.appCookies) > 0 {
		v.companion = cookies.Read(lines, own.Companion)
	}
	if cookie.Ambiguous {
		v.values = cookies.ReadAll(lines, own.Name)
	}
	switch {
	case cookie.Ambiguous && v.realm.run.Tries() > 1:
		v.tryAll(r, now)
	case cookie.Ambiguous:
		v.status = statusAmbiguous
	case cookie.Found:
		v.find(r.Context(), cookie.Value, now)
	case own.Chunked && own.HasChunks(lines):
		v.status, v.err = statusMalformed, errChunks
	}
}

var errChunks = fmt.Errorf("%w: it comes in chunks, as Auth.js makes them of the session strategy jwt; set session.strategy to database", format.ErrMalformed)

func (v *resolution) find(ctx context.Context, cookie string, now time.Time) {
	token, err := v.realm.run.Lookup(cookie, now)
	if err == nil {
		v.token, v.known = token, true
		v.session, err = v.realm.run.Find(ctx, token, now)
	}
	v.status, v.err = lookup.StatusOf(err), err
}

// tryAll tries each of several different values, as some programs do. Two
// values that stand for two users are nobody all the same.
func (v *resolution) tryAll(r *http.Request, now time.Time) {
	var best resolution
	for i, value := range v.values {
		if i >= v.realm.run.Tries() {
			break
		}
		tried := resolution{realm: v.realm}
		tried.find(r.Context(), value, now)
		switch {
		case tried.status == lookup.StatusUnavailable:
			v.status, v.err = tried.status, tried.err
			return
		case best.session != nil && tried.session != nil && best.session.User != tried.session.User:
			v.status = statusAmbiguous
			return
		case best.session == nil:
			best = tried
		}
	}
	v.status, v.err, v.session, v.token, v.known = best.status, best.err, best.session, best.token, best.known
}

// asNobody is the resolution without its session, for what looks at it after a
// guard that must not send the identity.
func (v *resolution) asNobody() *resolution {
	nobody := *v
	nobody.session = nil
	return &nobody
}

// tokens returns what the request's cookies of a realm stand for, without
// asking the database: all of them where there are two, since a logout must end
// each.
func (s *requestState) tokens(realm *Realm, r *http.Request) ([]format.Lookup, error) {
	var tokens []format.Lookup
	values := cookies.ReadAll(r.Header["Cookie"], realm.sessionCookie.Name)
	known := s.resolved(realm)
	if values == nil && known != nil {
		values = known.values // a guard has taken them out
	}
	for _, value := range values {
		token, err := realm.run.Lookup(value, time.Now())
		switch {
		case err == nil:
			tokens = append(tokens, token)
		case lookup.StatusOf(err) == lookup.StatusUnavailable:
			return nil, err
		}
	}
	if tokens == nil && known != nil && known.known {
		tokens = append(tokens, known.token) // a guard has taken the cookie out already
	}
	return tokens, nil
}
