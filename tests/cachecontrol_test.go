//go:build unix

package tests

import (
	"slices"
	"strings"
	"testing"
)

func TestGuard_CachesAreTold(t *testing.T) {
	s := start(t, setup{site: guarded("redirect /login")})
	token := s.login(alice)
	for _, theirs := range []string{"", "public, max-age=60", "max-age=60", "no-cache", "private", "no-store", "s-maxage=9, public"} {
		s.app.answers(reply(200, "ok", "Vary: Accept", "Cache-Control: "+theirs))
		// 1. An answer to somebody is theirs alone.
		for _, target := range []string{"/", "/public"} {
			a := s.get(target, cookie(token))
			control := a.value("Cache-Control")
			if !strings.Contains(control, "private") && !strings.Contains(control, "no-store") {
				t.Errorf("upstream said %q: Cache-Control %q", theirs, control)
			}
			for _, word := range []string{"public", "s-maxage"} {
				if strings.Contains(control, word) {
					t.Errorf("upstream said %q: Cache-Control %q", theirs, control)
				}
			}
			assertContains(t, strings.Join(a.values("Vary"), ", "), "Cookie")
			assertContains(t, strings.Join(a.values("Vary"), ", "), "Accept")
		}
		// 2. An answer to nobody is as the upstream wants it, but depends on the cookie.
		a := s.get("/public")
		assertEqual(t, "Cache-Control", a.value("Cache-Control"), theirs)
		assertContains(t, strings.Join(a.values("Vary"), ", "), "Cookie")
	}
	s.app.take()
	// 3. Our own answers are not kept.
	s.assertRedirect(s.get("/", "Accept: text/html"), "/login?return_to=%2F")
	s.assertSTOP(s.get("/"))
	// 4. Nor those that set a cookie.
	s.page.answers(reply(200, "ok", "Remote-User: alice", "Cache-Control: public, max-age=60"))
	a := s.get("/login")
	assertEqual(t, "Cache-Control", a.value("Cache-Control"), "no-store")
	assertContains(t, strings.Join(a.values("Vary"), ", "), "Cookie")
	s.page.answers(alice.loginPage())
	a = s.logout(s.newToken(a))
	assertEqual(t, "Cache-Control", a.value("Cache-Control"), "no-store")
}

func TestGuard_AnUpstreamsAnswerCannotTellAnIdentity(t *testing.T) {
	s := start(t, setup{site: guarded("headers x-forwarded", "header X-Extra {http.session.user}")})
	token := s.login(alice)
	for _, status := range []int{200, 302, 404, 500} {
		lines := slices.Concat(mallory.lines(remoteSet), mallory.lines(xForwardedSet), []string{"remote_user: x", "X~Extra: y", "X-Theirs: kept"})
		s.app.answers(reply(status, "", lines...))
		a := s.get("/", cookie(token))
		assertStatus(t, a, status)
		assertLines(t, &a.message, []string{"X-Theirs: kept"}, append(xForwardedSet[:], "X-Extra")...)
		// Outside a login route they start nothing.
		assertEqual(t, "cookies", a.value("Set-Cookie"), "")
	}
	s.app.take()
	assertEqual(t, "rows", rows(t, s.database()), 1)
}

// A cache between the guard and the app sees no cookie: each request that carries
// an identity says that the answer is not for others, whatever its client said.
func TestGuard_CachesBehindAreTold(t *testing.T) {
	s := start(t, setup{site: guarded("optional", "public /static")})
	token := s.login(alice)
	for _, c := range []struct {
		target string
		lines  []string
		want   string
	}{
		{"/", []string{cookie(token)}, "no-store"},
		{"/", []string{cookie(token), "Cache-Control: max-age=0"}, "max-age=0 | no-store"},
		{"/", []string{cookie(token), "Cache-Control: a", "Cache-Control: b"}, "a | b | no-store"},
		{"/", []string{cookie(token), "Cache-Control: no-store"}, "no-store"},
		{"/", nil, ""},
		{"/", []string{"Cache-Control: max-age=0"}, "max-age=0"},
		{"/static", []string{cookie(token)}, ""},
	} {
		s.get(c.target, c.lines...)
		assertEqual(t, "Cache-Control upstream", s.app.one(t).value("Cache-Control"), c.want)
	}
}

// What another handler adds to one header of ours stays out of the other.
func TestGuard_WhatCachesAreToldCanBeAddedTo(t *testing.T) {
	s := start(t, setup{site: guarded() + "header {\n+Cache-Control no-transform\ndefer\n}"})
	s.app.answers(reply(200, "ok"))
	a := s.get("/", cookie(s.login(alice)))
	assertEqual(t, "Cache-Control", strings.Join(a.values("Cache-Control"), "|"), "private|no-transform")
	assertEqual(t, "Vary", strings.Join(a.values("Vary"), "|"), "Cookie")
}

// What nobody's session was asked for is everybody's: a cache in front needs one
// copy of it, not one for each cookie.
func TestGuard_PublicAnswersDoNotDependOnTheCookie(t *testing.T) {
	s := start(t, setup{site: `handle /matched* {
		session /matched/private
		reverse_proxy {app}
	}
	handle /become {
		session_login {
			user {query.user}
		}
		respond "welcome"
	}
	handle {
		session {
			public /static/*
		}
		reverse_proxy {app}
	}`})
	token := s.become(alice)
	s.app.answers(reply(200, "ok"))
	for target, want := range map[string]string{
		"/static/a.css": "", "/private": "Cookie", "/matched": "", "/matched/private": "Cookie",
	} {
		assertEqual(t, "Vary of "+target, s.get(target, cookie(token)).value("Vary"), want)
	}
	// Nor may a refusal be kept for somebody else.
	assertEqual(t, "Cache-Control", s.get("/matched/private").value("Cache-Control"), "no-store")
}

// An error behind a guard is answered by a route that may have none: what it says to
// caches is what the guard would have said.
func TestGuard_AnErrorBehindItIsAsPrivateAsItsAnswers(t *testing.T) {
	s := start(t, setup{site: guarded() + `
		handle /broken {
			session
			error 500
		}
		handle /stored {
			session {
				no_store
			}
			error 500
		}
		handle_errors {
			respond "sorry" {err.status_code}
		}`})
	token := s.login(alice)
	for target, want := range map[string]string{"/broken": "private", "/stored": "no-store"} {
		a := s.get(target, cookie(token))
		assertStatus(t, a, 500)
		assertEqual(t, target+": Cache-Control", a.value("Cache-Control"), want)
	}
}

func TestGuard_AnErrorBehindItDependsOnTheCookie(t *testing.T) {
	s := start(t, setup{site: guarded() + `
		handle /broken {
			session
			error 500
		}
		handle_errors {
			respond "sorry" {err.status_code}
		}`})
	a := s.get("/broken", cookie(s.login(alice)))
	assertStatus(t, a, 500)
	assertEqual(t, "Vary", a.value("Vary"), "Cookie")
}
