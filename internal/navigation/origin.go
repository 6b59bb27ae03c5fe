package navigation

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// IsCrossSite reports whether a browser says that r comes from another site.
// A client that says nothing of the kind is no browser.
func IsCrossSite(r *http.Request, site Site) bool {
	if sites := r.Header["Sec-Fetch-Site"]; sites != nil {
		return !all(sites, "same-origin", "same-site", "none")
	}
	for _, origin := range r.Header["Origin"] {
		if !isOwnOrigin(origin, r.Host) && !(site.Domain != "" && IsSafeTarget(origin, site)) {
			return true
		}
	}
	return false
}

// IsSameOrigin reports whether nothing says that r comes from another origin.
func IsSameOrigin(r *http.Request) bool {
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
