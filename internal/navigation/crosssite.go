package navigation

import (
	"net/http"
	"net/url"
	"slices"
)

// IsCrossSite reports whether a browser says that r comes from another site
// than own. A client that says nothing of the kind is no browser.
func IsCrossSite(r *http.Request, own Origin, site Site) bool {
	if sites := r.Header["Sec-Fetch-Site"]; sites != nil {
		return !all(sites, "same-origin", "same-site", "none")
	}
	for _, origin := range r.Header["Origin"] {
		if !own.isNamed(origin) && !site.isNamed(origin) {
			return true
		}
	}
	return false
}

// IsSameOrigin reports whether nothing says that r comes from another origin
// than own.
func IsSameOrigin(r *http.Request, own Origin) bool {
	if sites := r.Header["Sec-Fetch-Site"]; sites != nil {
		return all(sites, "same-origin", "none")
	}
	for _, origin := range r.Header["Origin"] {
		if !own.isNamed(origin) {
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

// isNamed reports whether the header Origin names this one. `null` is nobody's.
func (o Origin) isNamed(header string) bool {
	u, err := url.Parse(header)
	return err == nil && u.Host != "" && o.is(u.Scheme, u.Host)
}

// isNamed reports whether the header Origin names a host of the site.
func (s Site) isNamed(header string) bool {
	return header != "" && header[0] != '/' && IsSafeTarget(header, s)
}
