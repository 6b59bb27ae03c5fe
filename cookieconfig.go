package caddysession

import "github.com/seed-11312c3d/caddy-session/internal/cookies"

// CookieConfig describes the cookie that carries the token. It is always HttpOnly.
type CookieConfig struct {
	// The cookie's name. Default: `__Host-session`; `__Secure-session` with a
	// domain or a path, `session` when insecure. In realms other than `default` the
	// realm goes into it: `__Host-<realm>-session`. Cookies from before it did are
	// read under the name without the realm for as long as their sessions live.
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
}

// build completes the cookie of a realm, whose name goes into the cookie's unless
// it is empty. Another program may call it otherwise as well. Errors name the option
// and the remedy.
func (c *CookieConfig) build(realm, otherwise string, chunked bool) (*cookies.Cookie, error) {
	if c == nil {
		c = new(CookieConfig)
	}
	return cookies.New(cookies.Attributes{
		Name: c.Name, Realm: realm, SameSite: c.SameSite, Domain: c.Domain, Path: c.Path,
		Persist: c.Persist, Insecure: c.Insecure, Else: otherwise, Chunked: chunked,
	})
}
