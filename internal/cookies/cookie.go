package cookies

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"
)

// Attributes are what a configuration says of the session cookie.
type Attributes struct {
	// Name is the cookie's. Default: `__Host-session`; `__Secure-session` with
	// a domain or a path, `session` when insecure.
	Name string
	// Realm goes into the default name, as in `__Host-<realm>-session`, so that two
	// realms on one host have two cookies. Default: nothing does.
	Realm string
	// Else is what another program calls its cookie where there is none of the
	// first name. Default: nothing else.
	Else string
	// SameSite is lax, strict or none. Default: lax.
	SameSite string
	// Domain has sub-domains get the cookie, too.
	Domain string
	// Path is where the cookie is sent. Default: `/`.
	Path string
	// Persist has the cookie survive the browser's restart.
	Persist bool
	// Insecure has it sent over plain http, too.
	Insecure bool
	// Chunked: a program may split the value into name.0, name.1, ...
	Chunked bool
}

// Cookie is the cookie that carries a session's token, its attributes complete
// and checked. It is always HttpOnly.
type Cookie struct {
	Attributes
	// App binds an app's own cookies; nil where there are none. What binds
	// them is ours.
	App *Binding
	// Former is the default name from before the realm went into it; empty where
	// there is none. Tokens of then are read under it, but it is not ours: another
	// realm of the host may have it.
	Former       string
	sameSite     http.SameSite
	askAgainName string
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

// New completes the attributes. It refuses what browsers would not store, or
// would store as something else.
func New(a Attributes) (*Cookie, error) {
	c := &Cookie{Attributes: a}
	if c.Path == "" {
		c.Path = "/"
	}
	c.Domain = strings.ToLower(strings.TrimPrefix(c.Domain, "."))
	if c.Name == "" {
		c.Name = c.defaultName(c.Realm)
		if c.Realm != "" {
			c.Former = c.defaultName("")
		}
	}
	c.askAgainName = c.Name + askAgain
	var known bool
	if c.sameSite, known = sameSites[strings.ToLower(c.SameSite)]; !known {
		return nil, fmt.Errorf("cookie: unknown same_site %q; the known ones are lax, strict and none", c.SameSite)
	}
	return c, c.check()
}

// defaultName ends in `session` whatever the realm is called, and so is never a
// companion of another realm's cookie: those have something behind it.
func (c *Cookie) defaultName(realm string) string {
	name := "session"
	if realm != "" {
		name = realm + "-session"
	}
	switch {
	case c.Insecure:
		return name
	case c.Domain != "" || c.Path != "/":
		return securePrefix + name
	default:
		return hostPrefix + name
	}
}

// check refuses what browsers would not store, or would store as something else.
func (c *Cookie) check() error {
	host, secure := hasPrefixFold(c.Name, hostPrefix), hasPrefixFold(c.Name, securePrefix)
	switch {
	case !httpguts.ValidHeaderFieldName(c.Name):
		return fmt.Errorf("cookie: %q is no cookie name", c.Name)
	case c.Else != "" && !httpguts.ValidHeaderFieldName(c.Else):
		return fmt.Errorf("cookie_else: %q is no cookie name", c.Else)
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
	}
	return c.checkDomain()
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

func notCookieText(r rune) bool { return r == ';' || r < ' ' || r >= 0x7f }

// Set returns the Set-Cookie line that starts a session.
func (c *Cookie) Set(token string, lifetime time.Duration) string {
	cookie := c.With(c.Name, token)
	if c.Persist {
		cookie.MaxAge = int(lifetime / time.Second)
	}
	return cookie.String()
}

// Expire returns the Set-Cookie line that ends a cookie of that name, with the
// attributes that it was set with: to a browser it would be another one else.
func (c *Cookie) Expire(name string) string {
	cookie := c.With(name, "")
	cookie.MaxAge = -1
	if name == c.Else && !hasPrefixFold(name, hostPrefix) && !hasPrefixFold(name, securePrefix) {
		cookie.Secure = false // it was set over http, where browsers take none that is secure
	}
	return cookie.String()
}

// askAgain has a password asked for once more.
const askAgain = "-out"

// AskAgain is the name of the cookie of a browser that has logged out, and is to
// be asked for the password once more.
func (c *Cookie) AskAgain() string { return c.askAgainName }

// FormerAskAgain is its name from before; empty where there is none.
func (c *Cookie) FormerAskAgain() string {
	if c.Former == "" {
		return ""
	}
	return c.Former + askAgain
}

// OfHost describes a cookie of this host with the same other attributes.
func (c *Cookie) OfHost() *Cookie {
	host := *c
	host.Domain, host.Path = "", "/"
	return &host
}

// With returns a cookie of that name and value with these attributes.
func (c *Cookie) With(name, value string) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: c.Path, Domain: c.Domain,
		Secure: !c.Insecure, HttpOnly: true, SameSite: c.sameSite,
	}
}
