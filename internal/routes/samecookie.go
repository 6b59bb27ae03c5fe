package routes

import (
	"fmt"
	"slices"
	"strings"
)

// used is a realm that a route's handlers ask.
type used struct {
	Kind
	hosts []string // nil: any
}

// sameCookie finds realms that share a cookie's name on one host.
func (w *walk) sameCookie() (found []Finding) {
	told := make(map[[2]string]bool)
	for i, a := range w.realms {
		for _, b := range w.realms[:i] {
			pair := [2]string{min(a.Realm, b.Realm), max(a.Realm, b.Realm)}
			if a.Realm == b.Realm || a.Cookie != b.Cookie || told[pair] || !a.meet(b) {
				continue
			}
			told[pair] = true
			found = append(found, Finding{w.server, strings.Join(a.hosts, ", "), fmt.Sprintf("the realms %s and %s both call their cookie %s on one host: "+
				"a login to the one logs out of the other; give one of them `cookie <another name>`", pair[0], pair[1], a.Cookie)})
		}
	}
	return found
}

// meet reports whether a browser may send one cookie to both.
func (u used) meet(other used) bool {
	return overlap(u.hosts, other.hosts) || u.reaches(other) || other.reaches(u)
}

// reaches reports whether the one's cookie, which has a domain, goes where the
// other one's goes.
func (u used) reaches(other used) bool {
	below := func(host string) bool { return host == u.Domain || strings.HasSuffix(host, "."+u.Domain) }
	return u.Domain != "" && (below(other.Domain) || slices.ContainsFunc(other.hosts, func(host string) bool { return below(strings.ToLower(host)) }))
}

// overlap reports whether a request may be for a host of both lists; nil is any.
func overlap(a, b []string) bool {
	if a == nil || b == nil {
		return true
	}
	return slices.ContainsFunc(a, func(x string) bool {
		return slices.ContainsFunc(b, func(y string) bool { return covers(x, y) || covers(y, x) })
	})
}

// covers reports whether a pattern, in which a label may be `*`, means a host.
func covers(pattern, host string) bool {
	labels := strings.Split(strings.ToLower(host), ".")
	wanted := strings.Split(strings.ToLower(pattern), ".")
	if len(labels) != len(wanted) {
		return false
	}
	for i, want := range wanted {
		if want != "*" && want != labels[i] {
			return false
		}
	}
	return true
}
