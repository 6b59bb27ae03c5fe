package headers

import (
	"net/http"
	"slices"
	"strings"
)

// IsTargetedCacheControl recognizes headers that tell some shared caches
// something else than Cache-Control (RFC 9213 and its forerunners).
func IsTargetedCacheControl(name string) bool {
	const suffix = "-Cache-Control" // CDN-, Cloudflare-CDN-, Akamai-, X-LiteSpeed-, whichever
	return name == "Surrogate-Control" || name == "X-Accel-Expires" || name == "Edge-Control" ||
		len(name) >= len(suffix) && strings.EqualFold(name[len(name)-len(suffix):], suffix)
}

// KeepSiteData leaves of Clear-Site-Data what does not clear our cookie.
func KeepSiteData(header http.Header, lines []string) {
	var kept []string
	for _, line := range lines {
		for what := range strings.SplitSeq(line, ",") {
			if what = strings.TrimSpace(what); what != `"cookies"` && what != `"*"` {
				kept = append(kept, what)
			}
		}
	}
	if header["Clear-Site-Data"] = kept; len(kept) == 0 {
		delete(header, "Clear-Site-Data")
	}
}

// MakePrivate keeps shared caches from storing an answer that was made for one
// user, whatever the upstream believed.
func MakePrivate(h http.Header) {
	var kept []string
	for _, line := range h["Cache-Control"] {
		for directive := range strings.SplitSeq(line, ",") {
			directive = strings.TrimSpace(directive)
			name, _, _ := strings.Cut(strings.ToLower(directive), "=")
			switch name {
			case "no-store":
				return
			case "", "public", "private", "s-maxage":
			default:
				kept = append(kept, directive)
			}
		}
	}
	h["Cache-Control"] = []string{strings.Join(append([]string{"private"}, kept...), ", ")}
}

// AddVary tells caches that the answer depends on the cookie.
func AddVary(h http.Header) {
	for _, line := range h["Vary"] {
		for name := range strings.SplitSeq(line, ",") {
			if name = strings.TrimSpace(name); name == "*" || strings.EqualFold(name, "Cookie") {
				return
			}
		}
	}
	h["Vary"] = append(h["Vary"], "Cookie")
}

// NoStore marks an answer of our own: it depends on the cookie and must not be kept.
func NoStore(h http.Header) {
	h["Cache-Control"] = []string{"no-store"}
	AddVary(h)
}

// AskNotToStore has a request that carries an identity say so to caches between
// the guard and the app, which see no cookie: an answer to `no-store` is not for
// others (RFC 9111, 5.2.1.5). What the client said stays. It needs room for one
// line.
func AskNotToStore(h http.Header, room []string) {
	if slices.Contains(h["Cache-Control"], "no-store") {
		return
	}
	h["Cache-Control"] = append(append(room[:0], h["Cache-Control"]...), "no-store")
}
