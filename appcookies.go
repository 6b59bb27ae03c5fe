package caddysession

import (
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/seed-11312c3d/caddy-session/internal/cookies"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
	"github.com/seed-11312c3d/caddy-session/store"
)

// An app keeps sessions of its own, in cookies that a guard's app_cookies name.
// When another user logs in at the same browser, the app would go on with the
// former one's. A companion cookie says whom the app's cookies belong to. Only
// the browser knows which of them it still has, and for which paths, so the
// companion also remembers the values that were the former user's.

// companion is what the companion cookie holds, under a MAC. It has no Domain
// even where the session's cookie has one: the app's cookies live on one host.
type companion struct {
	owner  [ownerLen]byte // whom the app's cookies belong to; nobody is somebody here
	mine   []valueHash    // values that the app has set for the owner
	denied []valueHash    // values that belong to somebody else
}

type valueHash [6]byte

const (
	ownerLen = 8
	macLen   = 16
	// maxValues bounds each of the two lists, so that the cookie stays small.
	maxValues = 16
)

// appCookieCheck is what a guard found out about the app's cookies of a request.
type appCookieCheck struct {
	realm   *Realm
	keys    *store.Keyring
	state   companion
	changed bool // the companion must be set anew
}

func (r *Realm) ownerOf(keys *store.Keyring, f *lookup.Session) (owner [ownerLen]byte) {
	user := ""
	if f != nil {
		user = f.User
	}
	mac := keys.MAC("app_cookies owner", r.name, user)
	copy(owner[:], mac[:])
	return owner
}

func (r *Realm) hashOf(keys *store.Keyring, name, value string) (h valueHash) {
	mac := keys.MAC("app_cookies value", r.name, name, value)
	copy(h[:], mac[:])
	return h
}

// encode writes the companion's value.
func (c *companion) encode(keys *store.Keyring, realm string) string {
	raw := append(c.owner[:], byte(len(c.mine)))
	for _, h := range slices.Concat(c.mine, c.denied) {
		raw = append(raw, h[:]...)
	}
	mac := keys.MAC("app_cookies", realm, string(raw))
	return base64.RawURLEncoding.EncodeToString(append(raw, mac[:]...))
}

// decodeCompanion reads a companion's value, and reports whether it is one.
func decodeCompanion(keys *store.Keyring, realm, value string) (c companion, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil || len(raw) < ownerLen+1+macLen {
		return c, false
	}
	raw, signature := raw[:len(raw)-macLen], raw[len(raw)-macLen:]
	mac := keys.MAC("app_cookies", realm, string(raw))
	if subtle.ConstantTimeCompare(mac[:], signature) != 1 {
		return c, false
	}
	copy(c.owner[:], raw)
	mine, list := int(raw[ownerLen]), raw[ownerLen+1:]
	for ; len(list) >= len(valueHash{}); list = list[len(valueHash{}):] {
		if h := valueHash(list); mine > 0 {
			c.mine, mine = append(c.mine, h), mine-1
		} else {
			c.denied = append(c.denied, h)
		}
	}
	return c, true
}

// remember appends to a list of values, the newest of which are kept.
func remember(list []valueHash, more ...valueHash) []valueHash {
	for _, h := range more {
		if !slices.Contains(list, h) {
			list = append(list, h)
		}
	}
	return list[max(0, len(list)-maxValues):]
}

// guardAppCookies takes the app's cookies out of a request when they belong to
// somebody else than the present user, and has the browser forget them.
func (r *Realm) guardAppCookies(req *http.Request, s *requestState, present *lookup.Session) {
	if len(r.appCookies) == 0 || s.last.companionChecked {
		return
	}
	s.last.companionChecked = true
	keys := r.run.CompanionKeys()
	if keys == nil || s.last.status == lookup.StatusUnavailable || s.last.status == statusInvalid {
		// Nobody knows whose they are. They do not go upstream, but a database
		// that is away must not cost the browser its cookies.
		cookies.Remove(req.Header, func(name, _ string) bool { return slices.Contains(r.appCookies, name) })
		return
	}
	check := &appCookieCheck{realm: r, keys: keys}
	fits := check.decide(s.last.companion, r.ownerOf(keys, present), present == nil)
	for _, name := range check.drop(req.Header, !fits) {
		if !fits {
			s.addCookie(r.sessionCookie.OfHost().Expire(name))
		}
	}
	s.app = check
}

// decide finds the companion for the present user, and reports whether the
// app's cookies are theirs. What was the former user's is denied from then on.
func (a *appCookieCheck) decide(cookie cookies.Presented, owner [ownerLen]byte, isNobody bool) bool {
	known, valid := companion{}, false
	if cookie.Found && !cookie.Ambiguous {
		known, valid = decodeCompanion(a.keys, a.realm.name, cookie.Value)
	}
	if valid && known.owner == owner {
		a.state = known
		return true
	}
	a.state.owner = owner
	if !cookie.Found && isNobody {
		return true // a browser in which nobody has been anybody yet
	}
	a.state.denied = remember(known.denied, known.mine...)
	a.changed = true
	return false
}

// drop removes all of the app's cookies, or those with denied values, and
// returns their names.
func (a *appCookieCheck) drop(h http.Header, all bool) (names []string) {
	if h["Cookie"] == nil {
		return nil
	}
	cookies.Remove(h, func(name, value string) bool {
		if !slices.Contains(a.realm.appCookies, name) {
			return false
		}
		hash := a.realm.hashOf(a.keys, name, value)
		if !all && !slices.Contains(a.state.denied, hash) {
			return false
		}
		a.state.denied = remember(a.state.denied, hash)
		names = append(names, name)
		return true
	})
	return names
}

// note remembers the values that the app sets for the present user, and has the
// companion set where it says something new.
func (a *appCookieCheck) note(header http.Header, s *requestState) {
	for _, line := range header["Set-Cookie"] {
		pair, _, _ := strings.Cut(line, ";")
		name, value, _ := strings.Cut(pair, "=")
		if name = strings.TrimSpace(name); value == "" || !slices.Contains(a.realm.appCookies, name) {
			continue
		}
		hash := a.realm.hashOf(a.keys, name, value)
		if !slices.Contains(a.state.mine, hash) {
			a.state.mine, a.changed = remember(a.state.mine, hash), true
		}
	}
	if !a.changed {
		return
	}
	line := a.realm.sessionCookie.OfHost().With(a.realm.sessionCookie.Companion, a.state.encode(a.keys, a.realm.name))
	if a.realm.sessionCookie.Persist {
		line.MaxAge = int(time.Duration(a.realm.Lifetime) / time.Second)
	}
	s.addCookie(line.String())
}

// expireAppCookies has the browser forget the app's cookies at a login or a
// logout. The companion stays: it knows the values of those that do not go,
// since the app has set them for another path or domain.
func (r *Realm) expireAppCookies(s *requestState) {
	for _, name := range r.appCookies {
		s.addCookie(r.sessionCookie.OfHost().Expire(name))
	}
}
