package caddysession

import (
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"
)

// Cookie describes the cookie that carries the token. It is always HttpOnly.
type Cookie struct {
	// The cookie's name. Default: `__Host-session`; `__Secure-session` with a
	// domain or a path, `session` when insecure.
	Name string `json:"name,omitempty"`

	// When browsers send the cookie along from other sites: `lax` (with
	// navigations), `strict` (never), `none` (always). Default: `lax`.
	SameSite string `json:"same_site,omitempty"`

	// Send the cookie to this domain's sub-domains, too: one login for all of
	// them. The name must not begin with `__Host-` then.
	Domain string `json:"domain,omitempty"`

	// Send the cookie below this path only. Default: `/`.
	Path string `json:"path,omitempty"`

	// Let the cookie survive the browser's restart, up to the realm's lifetime.
	Persist bool `json:"persist,omitempty"`

	// Send the cookie over plain HTTP, too. For development only.
	Insecure bool `json:"insecure,omitempty"`

	sameSite  http.SameSite
	companion string // the name of the cookie that says whose an app's cookies are
	chunked   bool   // the program may split it into name.0, name.1, ...
}

const (
	hostPrefix   = "__Host-"
	securePrefix = "__Secure-"
)

var sameSites = map[string]http.SameSite{
	"":       http.SameSiteLaxMode,
	"lax":    http.SameSiteLaxMode,
	"strict": http.SameSiteStrictMode,
	"none":   http.SameSiteNoneMode,
}

func (c *Cookie) provision() error {
	if c.Path == "" {
		c.Path = "/"
	}
	c.Domain = strings.ToLower(strings.TrimPrefix(c.Domain, "."))
	if c.Name == "" {
		c.Name = c.defaultName()
	}
	c.companion = c.Name + "-app"
	var known bool
	if c.sameSite, known = sameSites[strings.ToLower(c.SameSite)]; !known {
		return fmt.Errorf("cookie: unknown same_site %q; the known ones are lax, strict and none", c.SameSite)
	}
	return c.check()
}

func (c *Cookie) defaultName() string {
	switch {
	case c.Insecure:
		return "session"
	case c.Domain != "" || c.Path != "/":
		return securePrefix + "session"
	default:
		return hostPrefix + "session"
	}
}

// check refuses what browsers would not store, or would store as something else.
func (c *Cookie) check() error {
	host, secure := hasPrefixFold(c.Name, hostPrefix), hasPrefixFold(c.Name, securePrefix)
	switch {
	case !httpguts.ValidHeaderFieldName(c.Name):
		return fmt.Errorf("cookie: %q is no cookie name", c.Name)
	case host && c.Domain != "":
		return errors.New("cookie: a name with __Host- cannot have a domain; take __Secure-session, or leave the domain out")
	case host && c.Path != "/":
		return errors.New("cookie: a name with __Host- must have the path /; take __Secure-session, or leave the path out")
	case (host || secure) && c.Insecure:
		return errors.New("cookie: a name with __Host- or __Secure- cannot be insecure; choose another name, or use https and leave `insecure` out")
	case c.sameSite == http.SameSiteNoneMode && c.Insecure:
		return errors.New("cookie: browsers refuse `same_site none` on insecure cookies; use https and leave `insecure` out")
	case !strings.HasPrefix(c.Path, "/") || strings.ContainsFunc(c.Path, notCookieText):
		return fmt.Errorf("cookie: the path %q must begin with / and hold no ; or control characters", c.Path)
	case c.Domain != "" && !httpguts.ValidHostHeader(c.Domain) || strings.ContainsFunc(c.Domain, notCookieText):
		return fmt.Errorf("cookie: %q is no domain", c.Domain)
	}
	return nil
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

func notCookieText(r rune) bool { return r == ';' || r < ' ' || r >= 0x7f }

// set returns the Set-Cookie line that starts a session.
func (c *Cookie) set(token string, lifetime time.Duration) string {
	cookie := c.with(c.Name, token)
	if c.Persist {
		cookie.MaxAge = int(lifetime / time.Second)
	}
	return cookie.String()
}

// expire returns the Set-Cookie line that ends a cookie of that name, with the
// attributes that it was set with: to a browser it would be another one else.
func (c *Cookie) expire(name string) string {
	cookie := c.with(name, "")
	cookie.MaxAge = -1
	return cookie.String()
}

func (c *Cookie) with(name, value string) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: c.Path, Domain: c.Domain,
		Secure: !c.Insecure, HttpOnly: true, SameSite: c.sameSite,
	}
}

// presented is what a request carries under a cookie's name.
type presented struct {
	value     string
	found     bool
	ambiguous bool // two different values
}

// readCookie finds a cookie in a request's Cookie lines.
func readCookie(lines []string, name string) (p presented) {
	for value := range cookieValues(lines, name) {
		p.ambiguous = p.ambiguous || p.found && p.value != value
		p.value, p.found = value, true
	}
	return p
}

// maxCookies bounds how many different values of one cookie are looked at.
const maxCookies = 8

// readCookies returns the different values of a cookie.
func readCookies(lines []string, name string) (values []string) {
	for value := range cookieValues(lines, name) {
		if !slices.Contains(values, value) && len(values) < maxCookies {
			values = append(values, value)
		}
	}
	return values
}

// cookieValues yields each value of the cookie of exactly that name. There is
// no limit on the number of cookies: past net/http's limit the guard would see
// none, but the upstream all of them. Nothing is trimmed, unquoted or decoded:
// only the exact bytes that were set are the cookie.
func cookieValues(lines []string, wanted string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, line := range lines {
			for pair := range strings.SplitSeq(line, ";") {
				name, value, _ := strings.Cut(strings.TrimLeft(pair, " \t"), "=")
				if name == wanted && !yield(value) {
					return
				}
			}
		}
	}
}

// resembles reports whether name is the cookie's, or one that a less strict
// reader might take for it: in another case, with white space around, or as
// the value of a cookie without a name.
func (c *Cookie) resembles(name string) bool {
	if len(name) < len(c.Name) {
		return false
	}
	if len(name) > len(c.Name) {
		name = strings.TrimFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f })
	}
	return strings.EqualFold(name, c.Name)
}

// removeFrom takes the module's cookies, and what resembles them, out of a request.
func (c *Cookie) removeFrom(h http.Header) {
	for _, line := range h["Cookie"] {
		for pair := range strings.SplitSeq(line, ";") {
			if c.owns(cookieName(pair)) {
				removeCookies(h, func(name, _ string) bool { return c.owns(name) })
				return
			}
		}
	}
}

// removeCookies removes cookies from the Cookie lines, and leaves the
// bytes and the order of all others as they are.
func removeCookies(h http.Header, remove func(name, value string) bool) {
	kept := h["Cookie"][:0] // in place: the lines are this request's own
	for _, line := range h["Cookie"] {
		if line = withoutCookies(line, remove); line != "" {
			kept = append(kept, line)
		}
	}
	if h["Cookie"] = kept; len(kept) == 0 {
		delete(h, "Cookie")
	}
}

// withoutCookies mostly leaves one piece of the line, which needs no copy.
func withoutCookies(line string, remove func(name, value string) bool) string {
	from, to := 0, 0
	for at := 0; at <= len(line); {
		end := len(line)
		if i := strings.IndexByte(line[at:], ';'); i >= 0 {
			end = at + i
		}
		switch pair := line[at:end]; {
		case remove(cookieName(pair), cookieValue(pair)):
		case from == to:
			from, to = end-len(strings.TrimLeft(pair, " \t")), end
		case to != at-1:
			return piecedTogether(line, remove)
		default:
			to = end
		}
		at = end + 1
	}
	return line[from:to]
}

func piecedTogether(line string, remove func(name, value string) bool) string {
	var kept strings.Builder
	kept.Grow(len(line))
	for pair := range strings.SplitSeq(line, ";") {
		switch {
		case remove(cookieName(pair), cookieValue(pair)):
		case kept.Len() == 0:
			kept.WriteString(strings.TrimLeft(pair, " \t"))
		default:
			kept.WriteByte(';')
			kept.WriteString(pair)
		}
	}
	return kept.String()
}

// cookieName is the name of a pair in a Cookie or Set-Cookie line. A cookie
// without a name, `=name=value`, is sent by browsers as `name=value`.
func cookieName(pair string) string {
	pair = strings.TrimLeft(pair, " \t")
	pair = strings.TrimLeft(pair, "=")
	name, _, _ := strings.Cut(pair, "=")
	return name
}

// cookieValue is the value of a pair in a Cookie line.
func cookieValue(pair string) string {
	_, value, _ := strings.Cut(strings.TrimLeft(pair, " \t"), "=")
	return value
}

// filterSetCookies drops the Set-Cookie lines of a response that set a cookie
// which is not the upstream's to set, except for the lines in ours.
func (c *Cookie) filterSetCookies(h http.Header, key string, ours []string) {
	kept := slices.DeleteFunc(h[key], func(line string) bool {
		pair, _, _ := strings.Cut(line, ";")
		return c.owns(cookieName(pair)) && !slices.Contains(ours, line)
	})
	if h[key] = kept; len(kept) == 0 {
		delete(h, key)
	}
}

// owns reports whether a cookie of that name is the module's alone.
func (c *Cookie) owns(name string) bool {
	return c.resembles(name) || name == c.companion || c.isChunk(name)
}

// isChunk reports whether name is a part of the cookie, as programs make them
// of values that are too long for one. No session's key is.
func (c *Cookie) isChunk(name string) bool {
	if !c.chunked {
		return false
	}
	number, ok := strings.CutPrefix(name, c.Name+".")
	return ok && number != "" && strings.Trim(number, "0123456789") == ""
}

// hasChunks reports whether a request has parts of the cookie.
func (c *Cookie) hasChunks(lines []string) bool {
	for _, line := range lines {
		for pair := range strings.SplitSeq(line, ";") {
			if c.isChunk(cookieName(pair)) {
				return true
			}
		}
	}
	return false
}
