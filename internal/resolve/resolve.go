// Package resolve reads a realm's cookie out of a request and finds the session
// that it stands for. It is where several cookies of one name are told apart:
// what the realm could not have made counts for nothing, and two that it could
// have made are nobody.
package resolve

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/internal/cookies"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
)

// What a status may be, besides those of package lookup and of package format.
const (
	// StatusNone: there is no cookie.
	StatusNone = "none"
	// StatusAmbiguous: there are several, of which each could be the session's.
	StatusAmbiguous = "ambiguous"
)

// Source is where a realm's sessions are found.
type Source struct {
	Realm   *lookup.Realm
	Cookie  *cookies.Cookie // that carries the token
	Foreign bool            // another program makes it
	Client  string          // whom lookups of unknown ids count for; empty: nobody
}

// Result is what is known of the session that a request's cookie stands for.
type Result struct {
	Status  string          // the outcome, as {http.session.status} has it
	Session *lookup.Session // nil: nobody
	Token   format.Lookup   // of a cookie that this realm could have made
	Err     error           // why it is unavailable or invalid

	// Repeated: more than one cookie is one that the realm could have made.
	Repeated bool

	from   Source
	known  bool            // there is a token
	others []format.Lookup // of further cookies that the realm could have made
}

// Started is the result for a session that has just been started.
func Started(session *lookup.Session, token format.Lookup) Result {
	return Result{Status: lookup.StatusOK, Session: session, Token: token, known: true}
}

// maxForeign bounds how many values of another program's cookie are looked at:
// its schemes may cost more than a MAC.
const maxForeign = 100

// Read looks at every value of the cookie. Those that this realm could not have
// made do not count, however many: a browser may hold another site's cookie of
// the same name. Two that it could have made are nobody, for nobody can say which
// of them is the browser's.
func (res *Result) Read(ctx context.Context, from Source, lines []string, now time.Time) {
	res.from, res.Status = from, StatusNone
	own, n := res.from.Cookie, 0
	for value := range cookies.Values(lines, own.NameIn(lines)) {
		if n++; n > maxForeign && res.from.Foreign {
			break
		}
		res.consider(value, now)
	}
	if n == 0 {
		res.readFormer(lines, now)
	}
	switch {
	case res.Status == lookup.StatusUnavailable:
	case res.others != nil && res.from.Realm.Tries() > 1:
		res.tryAll(ctx, now)
	case res.others != nil:
		res.Status, res.Err = StatusAmbiguous, nil
	case res.known:
		res.find(ctx, now)
	case n == 0 && own.Chunked && own.HasChunks(lines):
		res.Status, res.Err = string(format.ErrMalformed), errChunks
	}
}

// consider turns one value of the cookie into a token, if it is one.
func (res *Result) consider(value string, now time.Time) {
	res.take(res.from.Realm.Lookup(value, now))
}

// take notes what a cookie stands for.
func (res *Result) take(token format.Lookup, err error) {
	switch {
	case err != nil && lookup.StatusOf(err) == lookup.StatusUnavailable:
		res.Status, res.Err = lookup.StatusUnavailable, err
	case err != nil:
		if res.Status == StatusNone {
			res.Status, res.Err = string(format.ErrMalformed), err
		}
	case !res.known:
		res.Token, res.known = token, true
	default:
		res.Repeated = true
		if token.Key != res.Token.Key && !slices.ContainsFunc(res.others, func(l format.Lookup) bool { return l.Key == token.Key }) {
			res.others = append(res.others, token)
		}
	}
}

var errChunks = fmt.Errorf("%w: it comes in chunks, as Auth.js makes them of the session strategy jwt; set session.strategy to database", format.ErrMalformed)

func (res *Result) find(ctx context.Context, now time.Time) {
	session, err := res.from.Realm.FindFor(ctx, res.from.Client, res.Token, now)
	res.Session, res.Status, res.Err = session, lookup.StatusOf(err), err
}

// tryAll tries each of several tokens, as some programs do. Two that stand for
// two users are nobody all the same.
func (res *Result) tryAll(ctx context.Context, now time.Time) {
	others := res.others
	res.find(ctx, now)
	for i, token := range others {
		if res.Status == lookup.StatusUnavailable || i+1 >= res.from.Realm.Tries() {
			return
		}
		tried := Result{from: res.from, Token: token, known: true}
		tried.find(ctx, now)
		switch {
		case tried.Status == lookup.StatusUnavailable:
			res.Status, res.Err, res.Session = tried.Status, tried.Err, nil
		case res.Session != nil && tried.Session != nil && res.Session.User != tried.Session.User:
			res.Status, res.Session = StatusAmbiguous, nil
			return
		case res.Session == nil:
			res.Token, res.Session, res.Status, res.Err = tried.Token, tried.Session, tried.Status, tried.Err
		}
	}
}

// Presented are the sessions that a request's cookies stand for.
type Presented struct {
	Tokens   []format.Lookup
	Repeated bool // by more than one cookie, also where all have one value
	Former   bool // by what stands under the cookie's former name, all of it
}

// maxTokens bounds how many sessions one login or logout ends.
const maxTokens = 50

// Tokens returns what the Cookie lines stand for, without
// asking the database: all of them where there are several, since a logout must
// end each. What the realm could not have made does not count, however many.
func (from Source) Tokens(lines []string, now time.Time) (Presented, error) {
	v := Result{from: from, Status: StatusNone}
	n := 0
	for _, name := range from.Cookie.Names() {
		for value := range cookies.Values(lines, name) {
			if n++; 1+len(v.others) >= maxTokens || n > maxForeign && from.Foreign {
				break
			}
			v.consider(value, now)
		}
	}
	repeated := v.Repeated
	former := v.formerTokens(lines, now)
	switch {
	case v.Status == lookup.StatusUnavailable:
		return Presented{}, v.Err
	case !v.known:
		return Presented{}, nil
	}
	return Presented{append([]format.Lookup{v.Token}, v.others...), repeated, former}, nil
}
