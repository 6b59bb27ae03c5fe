package caddysession

import (
	"slices"

	"github.com/seed-11312c3d/caddy-session/internal/resolve"
)

// The default name of a realm's cookie has the realm in it, so that realms on one
// host do not take each other's. It once had not: browsers may hold a session under
// the former name, which the realm reads and does not own, see package resolve.

// inCookieName is what the default name of the realm's cookie says of the realm:
// the name, unless there is but this one. Another program's cookie has that program's.
func (r *Realm) inCookieName() string {
	if r.name == defaultRealm {
		return ""
	}
	return r.name
}

// forgetFormer has a login's or logout's answer end a cookie of the former name,
// if nothing under it can be anybody else's.
func (s *requestState) forgetFormer(realm *Realm, had resolve.Presented) {
	if own := realm.sessionCookie; had.Former && realm.hasFormerAlone() {
		s.addCookie(own.Expire(own.Former))
	}
}

// hasFormerAlone reports whether the former name of the realm's cookie is no other
// realm's. Where it is one's, that realm's cookie may have come to the browser since
// the request was sent, and must stay. So must what is left of ours there: a token
// of a session that has ended.
func (r *Realm) hasFormerAlone() bool {
	former := r.sessionCookie.Former
	return former != "" && !slices.ContainsFunc(r.shared.realms, func(other *Realm) bool {
		return other.needed && other.sessionCookie.IsName(former)
	})
}

// isFormerToken reports whether a cookie of the former name is this realm's, by its
// proof.
func (r *Realm) isFormerToken(name, value string) bool {
	return r.sessionCookie.IsFormer(name) && r.run.IsToken(value, false)
}

// askAgainNames are those of the cookie of a browser that has logged out. The former
// one counts where nobody else can have set it.
func (r *Realm) askAgainNames() []string {
	names := []string{r.sessionCookie.AskAgain()}
	if r.hasFormerAlone() {
		names = append(names, r.sessionCookie.FormerAskAgain())
	}
	return names
}
