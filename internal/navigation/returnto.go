package navigation

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// MaxLocation is how long a Location may be, in bytes: servers on the way may
// refuse an address that is longer than a few KiB.
const MaxLocation = 2047

var errTooLong = errors.New("the address of the login page is too long")

// WithReturnTo is the address of a login page, with the address that the
// request at own asked for, original, in the query parameter return_to. What
// would make the Location too long is left out: the query first, then all. A
// return_to that is there already does not go along, so none is in another.
func WithReturnTo(login string, own Origin, original *url.URL) (string, error) {
	u, err := url.Parse(login)
	if err != nil {
		return "", err
	}
	prefix := ""
	if u.Host != "" && !sameHost(own, u) {
		prefix = own.Scheme + "://" + own.Host
	}
	path := prefix + (&url.URL{Path: original.Path, RawPath: original.RawPath}).RequestURI()
	query := withoutReturnTo(original.RawQuery)
	for _, address := range []string{path + query, path} {
		if location := withParameter(*u, address); len(location) <= MaxLocation {
			return location, nil
		}
	}
	if location := u.String(); len(location) <= MaxLocation {
		return location, nil
	}
	return "", errTooLong
}

func withParameter(u url.URL, address string) string {
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += "return_to=" + url.QueryEscape(address)
	return u.String()
}

// withoutReturnTo returns a raw query, its question mark included, without the
// parameters return_to. All others keep their bytes.
func withoutReturnTo(raw string) string {
	var kept []string
	for pair := range strings.SplitSeq(raw, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if unescaped, err := url.QueryUnescape(name); err != nil || unescaped != "return_to" {
			kept = append(kept, pair)
		}
	}
	if query := strings.Join(kept, "&"); query != "" {
		return "?" + query
	}
	return ""
}

// BackTo is the page to come back to after a login: the one that was asked for,
// or the form's own, since what a form has posted cannot be asked for again.
func BackTo(r *http.Request, original *url.URL) *url.URL {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return original
	}
	if page, err := url.Parse(FormPage(r)); err == nil {
		return page
	}
	return &url.URL{Path: "/"}
}
