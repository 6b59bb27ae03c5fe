//go:build unix

package tests

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp/caddyauth"
)

// caddy-security is not part of these tests. These stand-ins for its two
// directives do what matters here as it does: the portal sets a cookie, and
// `authorize` makes of it a user of Caddy's authentication, with the same
// placeholders (the id is the address, roles are joined with spaces) and the
// header that the policy injects (they are joined with commas and spaces).

func init() {
	caddy.RegisterModule(portal{})
	caddy.RegisterModule(authorizer{})
	httpcaddyfile.RegisterHandlerDirective("authenticate", func(httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
		return portal{}, nil
	})
	httpcaddyfile.RegisterHandlerDirective("authorize", func(httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
		return caddyauth.Authentication{ProvidersRaw: caddy.ModuleMap{"authorizer": caddyconfig.JSON(authorizer{}, nil)}}, nil
	})
	httpcaddyfile.RegisterDirectiveOrder("authenticate", httpcaddyfile.Before, "respond")
	httpcaddyfile.RegisterDirectiveOrder("authorize", httpcaddyfile.Before, "basic_auth")
}

const portalCookie = "AUTHP_ACCESS_TOKEN"

// portalUsers are known to the portal, by their tokens; bob has no role.
var portalUsers = map[string]identity{
	"eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.alices.signature": {alice.user, alice.email, alice.name, []string{"app/admins", "authp/user", "app/users"}},
	"eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.bobs.signature.x": bob,
}

type portal struct{}

func (portal) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.test_authenticator", New: func() caddy.Module { return new(portal) }}
}

// ServeHTTP logs somebody in, and sends them back.
func (portal) ServeHTTP(w http.ResponseWriter, r *http.Request, _ caddyhttp.Handler) error {
	for token, who := range portalUsers {
		if who.user == r.PostFormValue("name") {
			http.SetCookie(w, &http.Cookie{Name: portalCookie, Value: token, Path: "/", Secure: true, HttpOnly: true})
		}
	}
	http.Redirect(w, r, r.URL.Query().Get("redirect_url"), http.StatusSeeOther)
	return nil
}

type authorizer struct{}

func (authorizer) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.authentication.providers.authorizer", New: func() caddy.Module { return new(authorizer) }}
}

// Authenticate sends whoever has no token to the portal.
func (authorizer) Authenticate(w http.ResponseWriter, r *http.Request) (caddyauth.User, bool, error) {
	cookie, err := r.Cookie(portalCookie)
	if err != nil || portalUsers[cookie.Value].user == "" {
		http.Redirect(w, r, "/auth?redirect_url="+url.QueryEscape("https://"+r.Host+r.RequestURI), http.StatusFound)
		return caddyauth.User{}, false, errors.New("no token")
	}
	who := portalUsers[cookie.Value]
	if len(who.groups) > 0 { // nothing is injected where there is nothing
		r.Header.Set("X-Roles", strings.Join(who.groups, ", "))
	}
	user := caddyauth.User{ID: who.user, Metadata: map[string]string{"sub": who.user, "roles": strings.Join(who.groups, " "), "realm": "local"}}
	if who.email != "" {
		user.ID, user.Metadata["email"], user.Metadata["name"] = who.email, who.email, who.name
	}
	return user, true, nil
}

func storyOfCaddySecurity(d *documented, block string) {
	who := alice
	who.groups = []string{"app/admins", "app/users"}
	s := tale{inbox: docInbox, login: docLogin, bye: onSite(docRoot, "/auth/logout"), got: who.lines(remoteSet)}
	token := ""
	enter := func(d *documented, b *browser, address, name string) *page {
		portal := onSite(docRoot, "/auth") + "?redirect_url=" + url.QueryEscape(address)
		b.navigate(address).assertLeads(d.t, 302, portal)
		b.submit(portal, "name", name, "password", "right").assertLeads(d.t, 303, address)
		if token = b.cookies(docInbox); !strings.Contains(token, portalCookie) {
			d.t.Errorf("the portal set %q", token)
		}
		return b.navigate(address)
	}
	s.as = func(d *documented, b *browser, address string) *page { return enter(d, b, address, "alice") }
	s.then = func(d *documented, b *browser) {
		// Its token is gone from the browser, and kept from the app where it is not.
		if strings.Contains(b.cookies(docInbox), portalCookie) {
			d.t.Errorf("the browser holds %s", b.cookies(docInbox))
		}
		holding := d.browser()
		holding.lies = append(holding.lies, "Cookie", b.cookies(docInbox)+"; "+token)
		s.isAlice(d, holding)
		// Who has no role there brings none.
		other := d.browser()
		other.lies = append(other.lies, "X-Roles", "app/admins")
		enter(d, other, s.asksFor(), "bob").assertLeads(d.t, 303, docInbox)
		assertID(d.t, s.visit(d, other, docInbox), bob)
	}
	s.tell(d, block)
	b := d.browser()
	assertEqual(d.t, "a login without the portal", b.navigate(docLogin).status, 302)
	assertEqual(d.t, "cookies", b.cookies(docInbox), "")
}
