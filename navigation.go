package caddysession

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/seed-11312c3d/caddy-session/internal/cookies"
)

// isNavigation reports whether a browser would show the answer to r as a page,
// so that a redirect to a login page helps. A script that gets a redirect
// instead of a 401 takes the login page for its data.
func isNavigation(r *http.Request) bool {
	h := r.Header
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		return false
	case h["Upgrade"] != nil, h["X-Requested-With"] != nil:
		return false
	case h["Sec-Fetch-Mode"] != nil && h.Get("Sec-Fetch-Mode") != "navigate":
		return false
	case h["Sec-Fetch-Dest"] != nil && !slices.Contains(pageDestinations, h.Get("Sec-Fetch-Dest")):
		return false
	}
	return acceptsHTML(h["Accept"])
}

var pageDestinations = []string{"document", "iframe", "frame"}

// acceptsHTML reports whether HTML is asked for by name, as browsers do: `*/*`
// is what tools and scripts send.
func acceptsHTML(lines []string) bool {
	for _, line := range lines {
		for media := range strings.SplitSeq(line, ",") {
			name, params, _ := strings.Cut(strings.ToLower(media), ";")
			name, params = strings.TrimSpace(name), strings.ReplaceAll(params, " ", "")
			if (name == "text/html" || name == "application/xhtml+xml") && strings.Trim(params, "0.") != "q=" {
				return true
			}
		}
	}
	return false
}

// loginAddress is where a page navigation without a session is sent, with the
// address that it asked for in the query parameter return_to.
func loginAddress(r *http.Request, redirect string) string {
	target := replacerOf(r).ReplaceAll(redirect, "")
	original, ok := r.Context().Value(caddyhttp.OriginalRequestCtxKey).(http.Request)
	if !ok {
		original = *r
	}
	back := original.URL.RequestURI()
	u, err := url.Parse(target)
	if err != nil {
		return target
	}
	if u.Host != "" && u.Host != r.Host {
		back = scheme(r) + "://" + r.Host + back
	}
	query := u.RawQuery
	if query != "" {
		query += "&"
	}
	u.RawQuery = query + "return_to=" + url.QueryEscape(back)
	return u.String()
}

func scheme(r *http.Request) string {
	if r.TLS == nil {
		return "http"
	}
	return "https"
}

// redirectTo returns where to go after a login or logout: the first target that
// is safe, or else the site's root. What the configuration says literally is
// the operator's will; what placeholders say may be an attacker's.
func redirectTo(repl *caddy.Replacer, cookie *cookies.Cookie, targets ...string) string {
	for _, target := range targets {
		if target == "" {
			continue
		}
		expanded := repl.ReplaceAll(target, "")
		if !strings.Contains(target, "{") || isSafeTarget(expanded, cookie) {
			return escapeTarget(expanded)
		}
	}
	return "/"
}

// isSafeTarget reports whether a browser that is sent to target stays on the
// site: on a path of the same host, or, where the cookie has a domain, on a
// host of that domain.
func isSafeTarget(target string, cookie *cookies.Cookie) bool {
	// Browsers drop tabs and line ends, and read a backslash as a slash.
	if strings.ContainsFunc(target, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' }) {
		return false
	}
	if strings.HasPrefix(target, "/") {
		return !strings.HasPrefix(target, "//")
	}
	u, err := url.Parse(target)
	if err != nil || cookie.Domain == "" || u.User != nil || u.Opaque != "" {
		return false
	}
	host := strings.ToLower(u.Hostname())
	inDomain := host == cookie.Domain || strings.HasSuffix(host, "."+cookie.Domain)
	return inDomain && (u.Scheme == "https" || cookie.Insecure && u.Scheme == "http")
}

// escapeTarget writes what a header cannot hold as percent escapes.
func escapeTarget(target string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(target) {
		if c := target[i]; c <= ' ' || c >= 0x7f {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// isCrossSite reports whether a browser says that r comes from another site.
// A client that says nothing of the kind is no browser.
func isCrossSite(r *http.Request, cookie *cookies.Cookie) bool {
	if sites := r.Header["Sec-Fetch-Site"]; sites != nil {
		return !all(sites, "same-origin", "same-site", "none")
	}
	for _, origin := range r.Header["Origin"] {
		if !isOwnOrigin(origin, r.Host) && !(cookie.Domain != "" && isSafeTarget(origin, cookie)) {
			return true
		}
	}
	return false
}

// isSameOrigin reports whether nothing says that r comes from another origin.
func isSameOrigin(r *http.Request) bool {
	if sites := r.Header["Sec-Fetch-Site"]; sites != nil {
		return all(sites, "same-origin", "none")
	}
	for _, origin := range r.Header["Origin"] {
		if !isOwnOrigin(origin, r.Host) {
			return false
		}
	}
	return true
}

func all(values []string, allowed ...string) bool {
	for _, value := range values {
		if !slices.Contains(allowed, value) {
			return false
		}
	}
	return true
}

// isOwnOrigin compares an Origin with the request's host. The scheme is not
// compared: TLS may end at a balancer before this server.
func isOwnOrigin(origin, host string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false // `null` among them
	}
	defaultPort := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]
	return strings.EqualFold(strings.TrimSuffix(u.Host, defaultPort), strings.TrimSuffix(host, defaultPort))
}
