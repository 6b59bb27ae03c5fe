package caddysession

import (
	"context"
	"fmt"
	"net/http"
	"slices"
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
	others  []format.Lookup // of further cookies of the name that it could have made
	err     error           // why it is unavailable or invalid

	repeated bool // more than one cookie is one that it could have made

	appChecked bool // app cookies that are not the user's have been withheld
}

// resolve reads the cookie and finds its session.
func (res *resolution) resolve(r *http.Request, lines []string, now time.Time) {
	res.read(r.Context(), lines, now)
	switch {
	case res.status == statusMalformed && res.err != error(format.ErrMalformed):
		res.realm.warnMalformed(res.err)
	case res.status == lookup.StatusStale:
		res.realm.warnStale(res.err)
	case res.status == statusInvalid || res.status == string(format.ErrUndecodable):
		res.realm.event(r, res.status, "a session's row cannot be used", res.err)
	}
}

// maxForeign bounds how many values of another program's cookie are looked at:
// its schemes may cost more than a MAC.
const maxForeign = 100

// read looks at every value of the cookie. Those that this realm could not have
// made do not count, however many: a browser may hold another site's cookie of
// the same name. Two that it could have made are nobody, for nobody can say which
// of them is the browser's.
func (res *resolution) read(ctx context.Context, lines []string, now time.Time) {
	own, n := res.realm.sessionCookie, 0
	for value := range cookies.Values(lines, own.NameIn(lines)) {
		if n++; n > maxForeign && res.realm.isForeign() {
			break
		}
		res.consider(value, now)
	}
	switch {
	case res.status == lookup.StatusUnavailable:
	case res.others != nil && res.realm.run.Tries() > 1:
		res.tryAll(ctx, now)
	case res.others != nil:
		res.status, res.err = statusAmbiguous, nil
	case res.known:
		res.find(ctx, now)
	case n == 0 && own.Chunked && own.HasChunks(lines):
		res.status, res.err = statusMalformed, errChunks
	}
}

// consider turns one value of the cookie into a token, if it is one.
func (res *resolution) consider(value string, now time.Time) {
	token, err := res.realm.run.Lookup(value, now)
	switch {
	case err != nil && lookup.StatusOf(err) == lookup.StatusUnavailable:
		res.status, res.err = lookup.StatusUnavailable, err
	case err != nil:
		if res.status == statusNone {
			res.status, res.err = statusMalformed, err
		}
	case !res.known:
		res.token, res.known = token, true
	default:
		res.repeated = true
		if token.Key != res.token.Key && !slices.ContainsFunc(res.others, func(l format.Lookup) bool { return l.Key == token.Key }) {
			res.others = append(res.others, token)
		}
	}
}

var errChunks = fmt.Errorf("%w: it comes in chunks, as Auth.js makes them of the session strategy jwt; set session.strategy to database", format.ErrMalformed)

func (res *resolution) find(ctx context.Context, now time.Time) {
	session, err := res.realm.run.FindFor(ctx, res.realm.clientIn(ctx), res.token, now)
	res.session, res.status, res.err = session, lookup.StatusOf(err), err
}

// tryAll tries each of several tokens, as some programs do. Two that stand for
// two users are nobody all the same.
func (res *resolution) tryAll(ctx context.Context, now time.Time) {
	others := res.others
	res.find(ctx, now)
	for i, token := range others {
		if res.status == lookup.StatusUnavailable || i+1 >= res.realm.run.Tries() {
			return
		}
		tried := resolution{realm: res.realm, token: token, known: true}
		tried.find(ctx, now)
		switch {
		case tried.status == lookup.StatusUnavailable:
			res.status, res.err, res.session = tried.status, tried.err, nil
		case res.session != nil && tried.session != nil && res.session.User != tried.session.User:
			res.status, res.session = statusAmbiguous, nil
			return
		case res.session == nil:
			res.token, res.session, res.status, res.err = tried.token, tried.session, tried.status, tried.err
		}
	}
}

// asNobody is the resolution without its session, for what looks at it after a
// guard that must not send the identity.
func (res *resolution) asNobody() *resolution {
	nobody := *res
	nobody.session = nil
	return &nobody
}

// maxTokens bounds how many sessions one login or logout ends.
const maxTokens = 50

// tokens returns what the request's cookies of a realm stand for, without
// asking the database: all of them where there are several, since a logout must
// end each. What the realm could not have made does not count, however many.
func (s *requestState) tokens(realm *Realm) (presented, error) {
	v := resolution{realm: realm, status: statusNone}
	n := 0
	for _, name := range realm.sessionCookie.Names() {
		for value := range cookies.Values(s.arrived, name) {
			if n++; len(v.others) >= maxTokens || n > maxForeign && realm.isForeign() {
				break
			}
			v.consider(value, time.Now())
		}
	}
	switch {
	case v.status == lookup.StatusUnavailable:
		return presented{}, v.err
	case !v.known:
		return presented{}, nil
	}
	return presented{append([]format.Lookup{v.token}, v.others...), v.repeated}, nil
}
