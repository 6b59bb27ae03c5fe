package navigation

import (
	"net/http"
	"slices"
	"strings"
)

// IsPage reports whether a browser would show the answer to r as a page,
// so that a redirect to a login page helps. A script that gets a redirect
// instead of a 401 takes the login page for its data.
func IsPage(r *http.Request) bool {
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
