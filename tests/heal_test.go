//go:build unix

package tests

import (
	"slices"
	"strings"
	"testing"
)

// expired returns the domains and paths that an answer expires a cookie for,
// sorted.
func expired(a *answer, name string) (forms []string) {
	for _, line := range a.values("Set-Cookie") {
		if !strings.HasPrefix(line, name+"=;") || !strings.Contains(line, "; Max-Age=0") {
			continue
		}
		_, path, _ := strings.Cut(line, "; Path=")
		_, domain, _ := strings.Cut(line, "; Domain=")
		path, _, _ = strings.Cut(path, ";")
		domain, _, _ = strings.Cut(domain, ";")
		forms = append(forms, domain+path)
	}
	slices.Sort(forms)
	return forms
}

const healName = "__Secure-sid"

func TestD2_TwoCookiesOfOneNameHeal(t *testing.T) {
	s := start(t, setup{
		realm: "cookie " + healName, site: guarded("redirect /login") + `
		handle_errors 401 {
			session {
				optional
			}
			reverse_proxy {app}
		}`,
	})
	token := func(who identity) string {
		value, _ := setCookie(t, s.get(who.becoming()), healName)
		s.secret(value)
		return value
	}
	others := []string{"/deep", "/deep/", "/deep/x", "app.test/", "app.test/deep", "app.test/deep/", "app.test/deep/x"}
	all := slices.Sorted(slices.Values(append([]string{"/"}, others...)))
	two := "Cookie: " + healName + "=" + token(alice) + "; " + healName + "=" + token(bob)
	// 1. The guard's redirect and its refusal have the browser forget all, also
	// where an error route with a guard of its own answers.
	a := s.get("/deep/x", two, wantsPage)
	assertStatus(t, a, 302)
	assertEqual(t, "expired", strings.Join(expired(a, healName), " "), strings.Join(all, " "))
	assertContains(t, a.value("Cache-Control"), "no-store")
	a = s.get("/deep/x", two)
	assertEqual(t, "expired", strings.Join(expired(a, healName), " "), strings.Join(all, " "))
	assertANON(t, s.app.one(t))
	// 2. A login leaves the one that it sets, a logout none.
	equal := "Cookie: " + healName + "=" + token(alice)
	equal += "; " + healName + strings.TrimPrefix(equal, "Cookie: "+healName)
	for _, lines := range []string{two, equal} {
		a = s.get(alice.becoming(), lines)
		assertStatus(t, a, 200)
		assertEqual(t, "expired", strings.Join(expired(a, healName), " "), "/become app.test/ app.test/become")
		assertEqual(t, "cookies", len(a.values("Set-Cookie")), 4)
		a = s.post("/logout", lines)
		assertStatus(t, a, 303)
		assertEqual(t, "expired", strings.Join(expired(a, healName), " "), "/ /logout app.test/ app.test/logout")
	}
}

func TestD2_NothingElseIsExpired(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 0\ncookie " + healName, site: guarded("redirect /login")})
	token := func(who identity) string {
		value, _ := setCookie(t, s.get(who.becoming()), healName)
		return value
	}
	mine, other := token(alice), token(bob)
	pair := func(values ...string) string {
		return "Cookie: " + healName + "=" + strings.Join(values, "; "+healName+"=")
	}
	// 1. What this realm could not have made may be a neighbour's.
	for _, line := range []string{pair("x"), pair("x", "y"), pair(forged(mine)), pair(forged(mine), "x"), ""} {
		s.assertRedirect(s.get("/", "Accept: text/html", line+"\r\nX: y"), "/login?return_to=%2F")
	}
	// 2. One cookie, alive or not, is one.
	a := s.get("/", pair(mine, "x"))
	assertStatus(t, a, 200)
	assertEqual(t, "cookies", a.value("Set-Cookie"), "")
	assertID(t, s.app.one(t), alice)
	setCookie(t, s.post("/logout", pair(token(carol), "x")), healName) // which is one line
	// 3. A pass as nobody is no refusal.
	s.assertAnonymous(s.get("/public", pair(mine, other)))
	// 4. A database that is away costs the browser nothing.
	repair := breakQueries(t, s.database())
	s.assertDENY(s.post("/logout", pair(mine, other)))
	repair()
	// 5. A name with __Host- has one form.
	s.load(setup{})
	mine, other = s.login(alice), s.login(bob)
	s.assertSTOP(s.get("/", cookie(mine)+"; "+cookieName+"="+other))
	a = s.logout(mine + "; " + cookieName + "=" + other)
	assertStatus(t, a, 303)
	assertExpired(t, a)
	// 6. Another program's cookies are that program's.
	p := groupsProgram()
	foreign, _ := p.begin(t, freshDB["sqlite"](t), "", "session\nreverse_proxy {app}")
	unknown := strings.Repeat("u", 32)
	foreign.assertSTOP(foreign.get("/", jar("sid="+unknown, "sid="+unknown)))
}

func TestD2_ADomainThatBrowsersRefuseIsWarnedOf(t *testing.T) {
	s := start(t, setup{realm: "cookie sid {\n domain github.io\n}"})
	assertEqual(t, "warnings", s.logged("warn", "public suffix", "github.io"), 1)
	s.load(setup{realm: "cookie sid {\n domain me.github.io\n}"})
	assertEqual(t, "warnings", s.logged("warn", "public suffix"), 1)
}

// A guard that refuses inside another one has the browser forget as well, once.
func TestD2_ARefusalInsideAnotherGuardHeals(t *testing.T) {
	s := start(t, setup{realm: "cookie " + healName, site: guarded() + `
		handle /both {
			session {
				optional
			}
			session
			respond "not reached"
		}`})
	token := func(who identity) string {
		value, _ := setCookie(t, s.get(who.becoming()), healName)
		s.secret(value)
		return value
	}
	two := "Cookie: " + healName + "=" + token(alice) + "; " + healName + "=" + token(bob)
	// One cookie is none to be healed, whatever it is.
	assertEqual(t, "Set-Cookie", s.get("/both", "Cookie: "+healName+"=x").value("Set-Cookie"), "")
	a := s.get("/both", two)
	assertStatus(t, a, 401)
	assertEqual(t, "expired", strings.Join(expired(a, healName), " "), "/ /both app.test/ app.test/both")
	assertContains(t, a.value("Cache-Control"), "no-store")
}

// A login in the route of the refusal's error starts a session that the browser
// keeps: its cookie comes behind what ends the others.
func TestD2_ALoginInAnErrorRouteSetsItsCookie(t *testing.T) {
	s := start(t, setup{realm: "cookie " + healName, site: guarded() + `
		handle_errors 401 {
			session_login {
				user carol
			}
			respond "in"
		}`})
	token := func(who identity) string {
		value, _ := setCookie(t, s.get(who.becoming()), healName)
		s.secret(value)
		return value
	}
	a := s.get("/", "Cookie: "+healName+"="+token(alice)+"; "+healName+"="+token(bob))
	assertEqual(t, "body", a.body, "in")
	last := ""
	for _, line := range a.values("Set-Cookie") {
		if strings.Contains(line, "; Path=/;") && !strings.Contains(line, "Domain=") { // the configured form
			last = line
		}
	}
	fresh, _, _ := strings.Cut(strings.TrimPrefix(last, healName+"="), ";")
	s.secret(fresh)
	s.assertOK(s.get("/", "Cookie: "+healName+"="+fresh), identity{user: "carol"})
}
