package navigation

import (
	"net/http"
	"slices"
	"strings"
)

// IsPage reports whether a browser would show the answer to r as a page, so
// that a redirect to a login page helps. A script that gets a redirect instead
// of a 401 takes the login page for its data.
func IsPage(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && isShown(r.Header)
}

// IsForm reports whether r is a form that a page has posted, whose answer the
// browser would show.
func IsForm(r *http.Request) bool {
	if r.Method != http.MethodPost || !isShown(r.Header) {
		return false
	}
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	return slices.Contains(formTypes, strings.ToLower(strings.TrimSpace(kind)))
}

// formTypes are what a form can be posted as; empty is one without a field.
var formTypes = []string{"", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}

// isShown reports whether the headers are those of a navigation.
func isShown(h http.Header) bool {
	for _, name := range scriptHeaders {
		if h[name] != nil {
			return false
		}
	}
	switch {
	case h["Sec-Fetch-Mode"] != nil && h.Get("Sec-Fetch-Mode") != "navigate":
		return false
	case h["Sec-Fetch-Dest"] != nil && !slices.Contains(pageDestinations, h.Get("Sec-Fetch-Dest")):
		return false
	}
	return acceptsHTML(h["Accept"])
}

// scriptHeaders are sent by scripts that ask for pieces of pages (htmx, pjax,
// Turbo, Unpoly, Inertia, React's server components): also over http, where
// browsers send no Sec-Fetch headers.
var scriptHeaders = []string{
	"Upgrade", "X-Requested-With", "Hx-Request", "X-Pjax", "Turbo-Frame", "X-Up-Version", "X-Inertia", "Rsc",
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

// IsPreflight reports whether r is a browser's question whether a script of
// another origin may ask: it carries no cookie, and no answer to it is shown to
// anybody.
func IsPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && len(r.Header["Origin"]) == 1 && len(r.Header["Access-Control-Request-Method"]) == 1
}

// FormPage is the path of the page that a form was posted from, with its query:
// that of a Referer of the same host, or else the site's root. What the form
// asked for cannot be asked for again.
func FormPage(r *http.Request) string {
	rest, ok := strings.CutPrefix(r.Header.Get("Referer"), "https://"+r.Host)
	if !ok {
		rest, ok = strings.CutPrefix(r.Header.Get("Referer"), "http://"+r.Host)
	}
	if !ok || !IsSafeTarget(rest, Site{}) {
		return "/"
	}
	page, _, _ := strings.Cut(rest, "#")
	return page
}
