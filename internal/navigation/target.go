package navigation

import (
	"net/http"
	"net/url"
	"strings"
)

// Site is which other hosts are the same site as the request's own.
type Site struct {
	// Domain is the session cookie's; empty where it is of one host only.
	Domain string
	// Insecure: plain http is the site's, too.
	Insecure bool
}

// WithReturnTo is the address of a login page for a request, with the address
// that the request asked for, original, in the query parameter return_to.
func WithReturnTo(login string, r *http.Request, original string) string {
	u, err := url.Parse(login)
	if err != nil {
		return login
	}
	if u.Host != "" && u.Host != r.Host {
		original = scheme(r) + "://" + r.Host + original
	}
	query := u.RawQuery
	if query != "" {
		query += "&"
	}
	u.RawQuery = query + "return_to=" + url.QueryEscape(original)
	return u.String()
}

func scheme(r *http.Request) string {
	if r.TLS == nil {
		return "http"
	}
	return "https"
}

// IsSafeTarget reports whether a browser that is sent to target stays on the
// site: on a path of the same host, or, where the cookie has a domain, on a
// host of that domain.
func IsSafeTarget(target string, site Site) bool {
	// Browsers drop tabs and line ends, and read a backslash as a slash.
	if strings.ContainsFunc(target, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' }) {
		return false
	}
	if strings.HasPrefix(target, "/") {
		return !strings.HasPrefix(target, "//")
	}
	u, err := url.Parse(target)
	if err != nil || site.Domain == "" || u.User != nil || u.Opaque != "" {
		return false
	}
	host := strings.ToLower(u.Hostname())
	inDomain := host == site.Domain || strings.HasSuffix(host, "."+site.Domain)
	return inDomain && (u.Scheme == "https" || site.Insecure && u.Scheme == "http")
}

// EscapeTarget writes what a header cannot hold as percent escapes.
func EscapeTarget(target string) string {
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
