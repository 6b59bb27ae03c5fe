package caddysession

import (
	"net/http"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
	"github.com/seed-11312c3d/caddy-session/internal/resolve"
)

// resolution is what is known of the session that a request's cookie stands for.
type resolution struct {
	resolve.Result
	realm *Realm

	appChecked bool // app cookies that are not the user's have been withheld
}

// source is where the realm's sessions are found, for a client whose lookups count.
func (r *Realm) source(client string) resolve.Source {
	return resolve.Source{Realm: r.run, Cookie: r.sessionCookie, Foreign: r.isForeign(), Client: client}
}

// resolve reads the cookie and finds its session.
func (res *resolution) resolve(r *http.Request, lines []string, now time.Time) {
	res.Read(r.Context(), res.realm.source(res.realm.clientIn(r.Context())), lines, now)
	switch {
	case res.Status == statusMalformed && res.Err != error(format.ErrMalformed):
		res.realm.warnMalformed(res.Err)
	case res.Status == lookup.StatusStale:
		res.realm.warnStale(res.Err)
	case res.Status == statusInvalid || res.Status == string(format.ErrUndecodable):
		res.realm.event(r, res.Status, "a session's row cannot be used", res.Err)
	}
}

// asNobody is the resolution without its session, for what looks at it after a
// guard that must not send the identity.
func (res *resolution) asNobody() *resolution {
	nobody := *res
	nobody.Session = nil
	return &nobody
}
