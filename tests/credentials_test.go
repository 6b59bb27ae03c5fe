//go:build unix

package tests

import (
	"strings"
	"testing"
)

// twoRealms are two populations of sessions on one host: an app behind each,
// and a login page of the weak one.
func twoRealms(options string) setup {
	return setup{
		global: `session strong {
			store {store}
			cookie __Host-strong
		}
		session plain {
			store sqlite:{dir}/plain.db
			cookie session {
				insecure
			}
		}`,
		site: guarded(options) + `
		handle /strong/login {
			session_login strong {
				user carol
			}
			respond ok
		}
		handle /strong/logout {
			session_logout strong
		}
		handle /strong* {
			session strong {
				app_cookies SID
			}
			reverse_proxy {app}
		}
		handle /plain* {
			session plain {
				optional
			}
			reverse_proxy {app}
		}`,
	}
}

func TestD9_NoRealmsTokenReachesAnApp(t *testing.T) {
	s := start(t, twoRealms(""))
	weak := s.login(alice)
	strong, _ := setCookie(t, s.get("/strong/login"), "__Host-strong")
	s.secret(strong)
	both := jar(cookieName+"="+weak, "a=1", "__Host-strong="+strong, "session=flasks", "b=2")
	const rest = "a=1; session=flasks; b=2"
	// 1. The app behind either guard gets neither token, and every other cookie:
	// one of Flask's merely has the name of a realm's.
	for target, who := range map[string]identity{"/": alice, "/strong/app": {user: "carol"}} {
		assertStatus(t, s.get(target, both), 200)
		got := s.app.one(t)
		assertID(t, got, who)
		assertEqual(t, "cookies at "+target, got.value("Cookie"), rest)
	}
	// 2. Nor does a login page.
	s.page.answers(reply(200, "who are you?"))
	s.page.take()
	assertStatus(t, s.get("/login", both), 200)
	assertEqual(t, "cookies of the login page", s.page.one(t).value("Cookie"), rest)
	// 3. Under another name a token is nothing, and is not passed on either.
	assertStatus(t, s.get("/", jar(cookieName+"="+weak, "x="+strong, "y="+weak, "b=2")), 200)
	assertEqual(t, "cookies", s.app.one(t).value("Cookie"), "b=2")
	// 4. What merely looks like one is somebody else's.
	assertStatus(t, s.get("/", jar(cookieName+"="+weak, "__Host-strong="+forged(strong), "csrf="+forged(weak))), 200)
	assertEqual(t, "cookies", s.app.one(t).value("Cookie"), "__Host-strong="+forged(strong)+"; csrf="+forged(weak))
	// 5. What binds the app cookies of one realm is not the other's app's to see.
	assertStatus(t, s.get("/", jar(cookieName+"="+weak, "SID=1", "SID-bound=x")), 200)
	assertEqual(t, "cookies", s.app.one(t).value("Cookie"), "SID=1")
	// 6. An app cannot start a session of the other realm in the browser.
	s.app.answers(reply(200, "", "Set-Cookie: __Host-strong="+strong+"; Path=/; Secure", "Set-Cookie: other="+strong, "Set-Cookie: session=flasks"))
	a := s.get("/", cookie(weak))
	assertEqual(t, "Set-Cookie", a.value("Set-Cookie"), "session=flasks")
	// 7. Later handlers still find what an earlier one has taken out.
	assertStatus(t, s.post("/strong/logout", both, "Sec-Fetch-Site: same-origin"), 303)
	assertStatus(t, s.get("/strong/app", both), 401)
	assertStatus(t, s.get("/", both), 200)
}

func TestD9_ForwardCookieKeepsTheGuardsOwnOnly(t *testing.T) {
	s := start(t, twoRealms("forward_cookie"))
	weak := s.login(alice)
	strong, _ := setCookie(t, s.get("/strong/login"), "__Host-strong")
	s.secret(strong)
	assertStatus(t, s.get("/", jar(cookieName+"="+weak, "__Host-strong="+strong, "b=2")), 200)
	assertEqual(t, "cookies", s.app.one(t).value("Cookie"), cookieName+"="+weak+"; b=2")
}

// A guard of one realm behind that of another, in one route.
func TestD9_AnotherRealmsGuardFindsWhatTheFirstHasTakenOut(t *testing.T) {
	config := twoRealms("")
	config.site = strings.Replace(config.site, "session strong {", "session {\noptional\n}\nsession strong {", 1)
	config.site = strings.Replace(config.site, "handle /strong* {", "handle /strong* {\nroute {", 1)
	config.site = strings.Replace(config.site, "handle /plain* {", "}\nhandle /plain* {", 1)
	s := start(t, config)
	weak := s.login(alice)
	strong, _ := setCookie(t, s.get("/strong/login"), "__Host-strong")
	s.secret(strong)
	assertStatus(t, s.get("/strong/app", jar(cookieName+"="+weak, "__Host-strong="+strong)), 200)
	assertID(t, s.app.one(t), identity{user: "carol"})
}
