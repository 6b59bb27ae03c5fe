// Package cookies is how the session's cookie is read, kept away from others,
// and set. It is pure: it knows net/http's types, and nothing of Caddy, of
// sessions or of a database.
//
// Reading is strict and has no limit: only the exact bytes that were set are
// the cookie ([Values]), and a crowd of other cookies does not hide it.
// Removing is generous: whatever a less strict reader could take for the
// cookie is taken out as well ([Cookie.Owns], [Remove]), while all
// other cookies keep their bytes and their order. What an upstream may not set
// is taken out of its answers ([FilterSetCookies]).
//
// # Where to look
//
//	cookie.go  the cookie's attributes, checked; setting and expiring it
//	domain.go  which domains a cookie can have
//	forms.go   expiring what a browser holds under the name besides
//	parse.go   reading Cookie lines
//	remove.go  taking cookies out of requests and answers
//	owns.go    which names are ours alone
//	bound.go   an app's own cookies, bound to the user they were set for
package cookies
