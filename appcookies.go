package caddysession

import (
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"slices"
	"time"
)

// An app keeps sessions of its own, in cookies that a guard's app_cookies name.
// When another user logs in at the same browser, the app would go on with the
// former one's. A companion cookie says whom the app's cookies belong to; it
// has no Domain even where the session's cookie has one, for the app's cookies
// live on one host, too.

// companion returns the companion's value for a user; nobody has none.
func (r *Realm) companion(user string) string {
	keys := r.population.keys()
	if user == "" || keys == nil {
		return ""
	}
	mac := keys.MAC("app_cookies", r.name, user)
	return base64.RawURLEncoding.EncodeToString(mac[:])
}

// guardAppCookies takes the app's cookies out of a request when they belong to
// somebody else than the present user, and has the browser forget them.
func (r *Realm) guardAppCookies(req *http.Request, v *visits, present *found) {
	if len(r.appCookies) == 0 || v.last.companionChecked {
		return
	}
	v.last.companionChecked = true
	have, want := v.last.companion, r.companion(userOf(present))
	if !have.ambiguous && subtle.ConstantTimeCompare([]byte(have.value), []byte(want)) == 1 {
		return
	}
	var dropped []string
	removeCookies(req.Header, func(name string) bool {
		if !slices.Contains(r.appCookies, name) {
			return false
		}
		dropped = append(dropped, name)
		return true
	})
	r.renewAppCookies(v, dropped, userOf(present))
}

// renewAppCookies expires app cookies and sets the companion for the new user.
func (r *Realm) renewAppCookies(v *visits, names []string, user string) {
	if len(r.appCookies) == 0 {
		return
	}
	host := *r.Cookie
	host.Domain, host.Path = "", "/"
	for _, name := range names {
		v.addCookie(host.expire(name))
	}
	if value := r.companion(user); value != "" {
		line := host.with(r.Cookie.companion, value)
		if r.Cookie.Persist {
			line.MaxAge = int(time.Duration(r.Lifetime) / time.Second)
		}
		v.addCookie(line.String())
	} else {
		v.addCookie(host.expire(r.Cookie.companion))
	}
}

func userOf(f *found) string {
	if f == nil {
		return ""
	}
	return f.User
}
