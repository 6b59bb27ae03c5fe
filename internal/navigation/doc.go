// Package navigation is where browsers come from and where they may be sent:
// whether a request is a page that a person looks at or one of a script, which
// targets stay on the site, and whether a request comes from another site. It
// is pure: it knows net/http's types, and nothing of Caddy or of sessions.
//
// A page or a posted form without a session is sent to the login page
// ([IsPage], [IsForm], [WithReturnTo]); a script gets a 401, since it would take the login page for
// its data. After the login the browser goes back to where it came from, if
// that is a target on the same site ([IsSafeTarget]): whatever a request says
// may be an attacker's. Logins and logouts ask where a request comes from
// ([IsCrossSite], [IsSameOrigin]).
//
// All of them go by the scheme and the host that the client sees ([OriginOf]),
// which are not the connection's where TLS ends at a balancer.
//
// # Where to look
//
//	page.go       page or script
//	origin.go     the client's own scheme and host
//	crosssite.go  whose page a request comes from, by Sec-Fetch-Site or Origin
//	plainpath.go  public paths, which all backends read alike
//	target.go     what a redirect may lead to
//	returnto.go   the login page's address, and where to go back to
package navigation
