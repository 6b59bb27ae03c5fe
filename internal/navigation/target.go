package navigation

import (
	"fmt"
	"net/url"
	"strings"
)

// IsSafeTarget reports whether a browser that is sent to target stays on the
// site: on a path of the same host, or on a host that the cookie's domain or
// the configuration names.
func IsSafeTarget(target string, site Site) bool {
	if hidesItsHost(target) {
		return false
	}
	if strings.HasPrefix(target, "/") {
		return !strings.HasPrefix(target, "//")
	}
	u, err := url.Parse(target)
	if err != nil || u.User != nil || u.Opaque != "" || !site.Has(strings.ToLower(u.Host)) {
		return false
	}
	return u.Scheme == "https" || site.Insecure && u.Scheme == "http"
}

// WhyUnsafe says what there is against a target: what [IsSafeTarget] has, and what
// helps, or else its length.
func WhyUnsafe(target string, site Site) string {
	u, err := url.Parse(target)
	switch {
	case IsSafeTarget(target, site):
		return "it is too long for a Location"
	case hidesItsHost(target), strings.HasPrefix(target, "//"), err != nil, u.User != nil, u.Opaque != "", u.Host == "":
		return "it is neither a path nor an address that all browsers read alike"
	case site.Has(strings.ToLower(u.Host)):
		return "it does not begin with https://, and the cookie is Secure; where TLS ends in front, name the balancer in `trusted_proxies`, and let it send X-Forwarded-Proto"
	case site.Domain == "":
		return "its host is another one, and the realm's cookie has no `domain`"
	}
	return "its host is not below the cookie's domain " + site.Domain + ", nor among the realm's `hosts`"
}

// hidesItsHost reports whether browsers may read another host in target:
// they drop tabs and line ends, and read a backslash as a slash.
func hidesItsHost(target string) bool {
	return strings.ContainsFunc(target, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' })
}

// CheckTarget refuses, at configuration, what a browser would not take for a
// path of the site or for a page elsewhere. What begins with a placeholder is
// looked at when it is used ([IsTarget]).
func CheckTarget(target string) error {
	head, _, hasPlaceholder := strings.Cut(target, "{")
	switch {
	case hasPlaceholder && (head == "" || IsTarget(head+"x")), IsTarget(target):
		return nil
	case strings.HasPrefix(target, "//"):
		return fmt.Errorf("%q names a host without a scheme; write https:%s", target, target)
	}
	return fmt.Errorf("%q is neither a path nor an address; begin it with / or https://", target)
}

// IsTarget reports whether a browser takes target for a path of the site or for
// a page elsewhere, by http or https.
func IsTarget(target string) bool {
	u, err := url.Parse(target)
	switch {
	case err != nil, hidesItsHost(target), u.Opaque != "":
		return false
	case u.Scheme == "":
		return strings.HasPrefix(target, "/") && !strings.HasPrefix(target, "//")
	}
	return (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// IsOwnPage reports whether target leads to the page that was asked for: at
// own, with the address original.
func IsOwnPage(target string, own Origin, original *url.URL) bool {
	u, err := url.Parse(target)
	if err != nil || u.Host != "" && !sameHost(own, u) {
		return false
	}
	root := &url.URL{Path: "/"}
	return root.ResolveReference(&url.URL{Path: u.Path}).Path == root.ResolveReference(&url.URL{Path: original.Path}).Path
}

// sameHost is about hosts and ports: an address of the other scheme there may
// well lead back.
func sameHost(own Origin, u *url.URL) bool {
	return withoutPort(strings.ToLower(u.Host), u.Scheme) == withoutPort(own.Host, u.Scheme)
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

// CheckRedirect refuses a target that is no target, under its option's name.
func CheckRedirect(option, target string) error {
	if target == "" {
		return nil
	}
	if err := CheckTarget(target); err != nil {
		return fmt.Errorf("%s: %w", option, err)
	}
	return nil
}

// maxShown is enough of an address to know it by.
const maxShown = 200

// Shown is a target as a log may have it: without its user, query and fragment,
// which may hold secrets, and not without end.
func Shown(target string) string {
	if i := strings.IndexAny(target, "?#"); i >= 0 {
		target = target[:i] + "..."
	}
	if before, authority, ok := strings.Cut(target, "//"); ok {
		host, _, _ := strings.Cut(authority, "/")
		if i := strings.LastIndexByte(host, '@'); i >= 0 {
			target = before + "//..." + authority[i:]
		}
	}
	if len(target) > maxShown {
		target = strings.ToValidUTF8(target[:maxShown], "") + "..."
	}
	return target
}
