//go:build unix

package tests

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// Attacks that worked once, and what they were after.

// jar writes the Cookie line of a browser that has these cookies.
func jar(cookies ...string) string { return "Cookie: " + strings.Join(cookies, "; ") }

// assertCookiesUpstream: the answer is 200, and these cookies reached the app.
func (s *server) assertCookiesUpstream(what string, a *answer, want string) {
	s.t.Helper()
	if a.status != 200 {
		s.t.Fatalf("%s: status %d, want 200:\n%v", what, a.status, a)
	}
	assertEqual(s.t, what, s.app.one(s.t).value("Cookie"), want)
}

// The app's cookie for a path outlives the logout, which expires that of `/`
// only. The next user must not go on with it.
func TestS13_Regression_AnAppCookieOfAPathIsNotTheNextUsers(t *testing.T) {
	s := start(t, setup{site: appCookieSite()})
	b := newProfile(s, "app.test")
	// 1. The app starts a session of its own for Alice, below /app only.
	b.become(t, alice)
	b.visit(t, "/app", "Set-Cookie: JSESSIONID=ALICES; Path=/app", "Set-Cookie: other=1; Path=/")
	// 2. It is hers, and reaches the app; nothing more is set.
	s.app.answers(reply(200, "ok"))
	a := b.get("/app")
	s.assertCookiesUpstream("Alice's cookies", a, "JSESSIONID=ALICES; other=1")
	assertEqual(t, "Set-Cookie", a.value("Set-Cookie"), "")
	// 3. Bob logs in at the same browser, where the app's cookie is not sent. Below
	// /app it comes again, as often as the browser likes.
	b.become(t, bob)
	for range 3 {
		assertEqual(t, "Bob's cookies", b.visit(t, "/app"), "other=1")
	}
	// 4. The app starts a session for Bob. That one is his, hers is not.
	b.visit(t, "/app", "Set-Cookie: JSESSIONID=BOBS; Path=/")
	assertEqual(t, "Bob's cookies", b.visit(t, "/app"), "other=1; JSESSIONID=BOBS")
	// 5. A logout leaves what is below /app to nobody.
	b.become(t, alice)
	b.visit(t, "/public", "Set-Cookie: JSESSIONID=ALICES; Path=/public")
	a = b.post("/logout")
	assertStatus(t, a, 303)
	assertExpired(t, a)
	for range 3 {
		assertEqual(t, "nobody's cookies", b.visit(t, "/public"), "other=1")
	}
}

// The name under which Caddy knows a user is that of the guard that sets the
// header, not of one before it.
func TestRegression_TheUserOfAnotherRealmIsNotTold(t *testing.T) {
	s := start(t, setup{
		global: `session two {
			store {store}
			cookie __Host-two
		}`,
		site: guarded() + `
		handle /two/login {
			session_login two {
				user carol
			}
			respond ok
		}
		handle /both {
			route {
				session {
					headers x-auth-request
				}
				session two {
					header X-Auth {http.auth.user.id}
				}
				reverse_proxy {app}
			}
		}
		handle /maybe {
			route {
				session {
					headers x-auth-request
				}
				session two {
					optional
					header X-Auth {http.auth.user.id}
				}
				reverse_proxy {app}
			}
		}
		handle /one {
			session {
				header X-Auth {http.auth.user.id}
				header X-Status {http.session.status}
			}
			reverse_proxy {app}
		}`,
	})
	lies := []string{"X-Auth: mallory", "X-Status: mallory"}
	further := []string{"X-Auth", "X-Status", xAuthRequestSet[0], xAuthRequestSet[1], xAuthRequestSet[2], xAuthRequestSet[3]}
	// 1. The browser has a session in each of the realms.
	token := s.login(alice)
	theirs, _ := setCookie(t, s.get("/two/login"), "__Host-two")
	s.secret(theirs)
	// 2. The second guard's headers tell of the second realm's user.
	assertStatus(t, s.get("/both", append(lies, cookie(token)+"; __Host-two="+theirs)...), 200)
	assertEqual(t, "X-Auth", s.app.one(t).value("X-Auth"), "carol")
	assertStatus(t, s.get("/maybe", append(lies, cookie(token)+"; __Host-two="+theirs)...), 200)
	got := s.app.one(t)
	want := append(alice.lines(xAuthRequestSet), "Remote-User: carol", "X-Auth: carol")
	assertLines(t, got, want, "X-Auth")
	// 3. Where there is none, they tell of nobody.
	assertStatus(t, s.get("/maybe", append(lies, cookie(token))...), 200)
	assertLines(t, s.app.one(t), alice.lines(xAuthRequestSet), "X-Auth")
	// 4. A guard alone knows at once who it is, and that all is well.
	for range 2 {
		assertStatus(t, s.get("/one", append(lies, cookie(token))...), 200)
		assertLines(t, s.app.one(t), append(alice.lines(remoteSet), "X-Auth: alice", "X-Status: ok"), further...)
	}
}

// A database that is away says nothing of whose the app's cookies are: they
// stay in the browser, and out of the app.
func TestF1_Regression_AnObservingGuardWithTheStoreDownCostsNoCookies(t *testing.T) {
	const theirs = "JSESSIONID=alices; other=1"
	t.Run("from the start", func(t *testing.T) {
		s := start(t, setup{
			store: "postgres://nobody:hush@127.0.0.1:1/none?sslmode=disable",
			site:  guarded("observe", "app_cookies JSESSIONID"),
		})
		s.secret("hush")
		session, companion := cookieName+"="+strings.Repeat("A", 64), "JSESSIONID-bound=x"
		for _, cookies := range []string{jar(theirs), jar(session, theirs), jar(companion, theirs), jar(session, companion, theirs)} {
			a := s.get("/", append(mallory.lines(remoteSet), cookies)...)
			assertStatus(t, a, 200)
			got := s.app.one(t)
			assertANON(t, got)
			assertEqual(t, "cookies upstream of "+cookies, got.value("Cookie"), "other=1")
			assertEqual(t, "Set-Cookie", a.value("Set-Cookie"), "")
		}
	})
	t.Run("later", func(t *testing.T) {
		s := start(t, setup{realm: "cache_ttl 0", site: guarded("observe", "app_cookies JSESSIONID")})
		// 1. Alice uses the app.
		token := s.login(alice)
		s.app.answers(reply(200, "ok", "Set-Cookie: JSESSIONID=alices"))
		a := s.get("/", cookie(token))
		s.assertCookiesUpstream("cookies of the first visit", a, "")
		seal, _ := setCookie(t, a, "JSESSIONID-bound")
		s.app.answers(reply(200, "ok"))
		cookies := jar(cookieName+"="+token, "JSESSIONID-bound="+seal, theirs)
		// 2. The database goes away. The app knows nobody, and nothing is set.
		repair := breakQueries(t, s.database())
		for range 2 {
			a = s.get("/", cookies)
			assertStatus(t, a, 200)
			got := s.app.one(t)
			assertANON(t, got)
			assertEqual(t, "cookies upstream", got.value("Cookie"), "other=1")
			assertEqual(t, "Set-Cookie", a.value("Set-Cookie"), "")
		}
		repair()
		// Nor does a row that nothing can be made of say whose they are, or whose the app sets.
		execute(t, s.database(), "UPDATE "+table+" SET user_id = 'al' || char(10) || 'ice'")
		s.app.answers(reply(200, "ok", "Set-Cookie: JSESSIONID=nobodys"))
		a = s.get("/", cookies)
		assertEqual(t, "cookies upstream", s.app.one(t).value("Cookie"), "other=1")
		assertEqual(t, "Set-Cookie", strings.Join(a.values("Set-Cookie"), "|"), "JSESSIONID=nobodys")
		s.app.answers(reply(200, "ok"))
		execute(t, s.database(), "UPDATE "+table+" SET user_id = '"+alice.user+"'")
		// 3. It comes back, and Alice goes on where she was.
		a = s.get("/", cookies)
		s.assertCookiesUpstream("cookies afterwards", a, theirs)
		assertEqual(t, "Set-Cookie", a.value("Set-Cookie"), "")
	})
}

// A session that an error route starts comes with its cookie.
func TestRegression_ALoginOnAnErrorRouteSetsTheCookie(t *testing.T) {
	s := start(t, setup{site: `
		handle /login {
			session_login
			reverse_proxy {page}
		}
		handle /alive {
			session
			reverse_proxy {app}
		}
		handle /optional {
			session {
				optional
			}
			reverse_proxy unix/{dir}/nobody-listens
		}
		handle {
			session
			reverse_proxy unix/{dir}/nobody-listens
		}
		handle_errors {
			session_login {
				user errlogin
			}
			respond "ok" 200
		}`})
	token := s.login(alice)
	for _, c := range []struct{ what, target, line string }{
		{"nobody, refused", "/", "Cookie: a=b"},
		{"nobody, and a dead upstream", "/optional", "Cookie: a=b"},
		{"somebody, and a dead upstream", "/", cookie(token)},
	} {
		// 1. The guard or its upstream fails, and the error route logs somebody in.
		a := s.get(c.target, c.line, "Remote-User: mallory")
		assertStatus(t, a, 200)
		assertEqual(t, c.what+": body", a.body, "ok")
		// 2. The answer sets the cookie once, and nothing else.
		assertEqual(t, c.what+": cookies", len(a.values("Set-Cookie")), 1)
		assertContains(t, a.value("Cache-Control"), "no-store")
		assertANON(t, &a.message)
		// 3. It works.
		s.assertOK(s.get("/alive", cookie(s.newToken(a))), identity{user: "errlogin"})
	}
	// 4. The session that the browser had has ended.
	s.get("/alive", cookie(token))
	s.app.untouched(t)
}

// What an upstream has put into the header is filtered, though an error takes
// its answer's place.
func TestC5_Regression_WhatAnUpstreamSentBeforeAnErrorIsFiltered(t *testing.T) {
	const upstream = `reverse_proxy {app} {
			@any status 2xx
			handle_response @any {
				route {
					copy_response_headers {
						exclude Content-Length
					}
					error 500
				}
			}
		}`
	s := start(t, setup{site: `
		handle /login {
			session_login
			reverse_proxy {page}
		}
		handle /public {
			session {
				optional
			}
			` + upstream + `
		}
		handle {
			session
			` + upstream + `
		}
		handle_errors {
			respond "err"
		}`})
	token := s.login(alice)
	// 1. The app, which Mallory has got hold of, fixates a session, and tells who somebody is.
	s.app.answers(reply(200, "secret",
		"Set-Cookie: "+cookieName+"="+strings.Repeat("A", 64)+"; Path=/; Secure",
		"set-cookie:  "+cookieName+" = x", "Set-Cookie: theirs=1",
		"Remote-User: mallory", "remote_groups: admins", "X-Theirs: kept"))
	for _, target := range []string{"/", "/public"} {
		// 2. Caddy takes these headers over, and fails.
		a := s.get(target, cookie(token))
		assertEqual(t, "the app's own header of "+target, a.value("X-Theirs"), "kept")
		assertEqual(t, "body", a.body, "err")
		// 3. Nothing of ours is among them.
		assertEqual(t, "cookies of "+target, strings.Join(a.values("Set-Cookie"), " | "), "theirs=1")
		assertANON(t, &a.message)
	}
	a := s.get("/public")
	assertEqual(t, "nobody's cookies", strings.Join(a.values("Set-Cookie"), " | "), "theirs=1")
	assertANON(t, &a.message)
}

// A login page behind a guard is told by the guard who it is, and nothing by
// the client.
func TestRegression_ALoginBehindAGuardStripsItsOwnNamesOnly(t *testing.T) {
	s := start(t, setup{site: `
		handle /become {
			session_login {
				user {query.user}
			}
			respond ok
		}
		handle {
			route {
				session {
					optional
				}
				session_login {
					headers x-forwarded
				}
				reverse_proxy {page}
			}
		}`})
	token := s.become(identity{user: "alice"})
	s.page.answers(reply(200, "form"))
	lies := slices.Concat(mallory.lines(remoteSet), mallory.lines(xForwardedSet), []string{"X_Forwarded_User: mallory", "X-Forwarded~Groups: admins"})
	// 1. Alice sends both sets. The page learns who she is from the guard.
	a := s.get("/", append(lies, cookie(token))...)
	assertStatus(t, a, 200)
	assertLines(t, s.page.one(t), []string{"Remote-User: alice"}, xForwardedSet[:]...)
	assertEqual(t, "Set-Cookie", a.value("Set-Cookie"), "")
	// 2. Nobody sends them. The page learns nothing.
	a = s.get("/", lies...)
	assertStatus(t, a, 200)
	assertLines(t, s.page.one(t), nil, xForwardedSet[:]...)
	assertEqual(t, "Set-Cookie", a.value("Set-Cookie"), "")
}

// A list that an app would split into other items makes somebody a member of a
// group that is not theirs.
func TestH6_Regression_AListThatSplitsIntoOtherItemsIsRefused(t *testing.T) {
	for _, c := range []struct{ separator, groups, want string }{
		{"::", "users :admin", ""}, // users:::admin, which may split into users: and admin
		{"::", "users: admin", ""}, // and which may split into users and :admin
		{"::", "users a::admin", ""},
		{"::", "users a:b", "users::a:b"},
		{",", "users a,b", ""},
		{",", "users a:b", "users,a:b"},
	} {
		t.Run(c.separator+" "+c.groups, func(t *testing.T) {
			s := start(t, setup{site: `
				handle /login {
					session_login {
						user alice
						claim groups ` + c.groups + `
					}
					respond "welcome"
				}
				handle {
					session {
						separator ` + c.separator + `
					}
					reverse_proxy {app}
				}`})
			// 1. Somebody is in a group with an odd name.
			token := s.newToken(s.get("/login"))
			// 2. The app is told of it as it is, or not asked at all.
			a := s.get("/", cookie(token))
			if c.want == "" {
				assertStatus(t, a, 502)
				s.assertRefusal(a)
				return
			}
			assertStatus(t, a, 200)
			assertEqual(t, "groups", s.app.one(t).value("Remote-Groups"), c.want)
		})
	}
}

// An upstream can neither have somebody's page kept by the cache in between,
// nor have the browser throw our cookie away.
func TestRegression_TargetedCacheHeadersAndClearSiteData(t *testing.T) {
	s := start(t, setup{})
	token := s.login(alice)
	targeted := []string{"CDN-Cache-Control", "Cloudflare-CDN-Cache-Control", "Surrogate-Control"}
	lines := []string{`Clear-Site-Data: "cookies", "cache"`, "Cache-Control: public, max-age=60"}
	for _, name := range targeted {
		lines = append(lines, name+": public, max-age=3600")
	}
	s.app.answers(reply(200, "hers", lines...))
	// 1. An answer to somebody is theirs alone, whatever cache reads it.
	for _, target := range []string{"/", "/public"} {
		a := s.get(target, cookie(token))
		assertStatus(t, a, 200)
		for _, name := range targeted {
			assertEqual(t, name+" of "+target, a.value(name), "")
		}
		assertContains(t, a.value("Cache-Control"), "private")
		assertEqual(t, "Clear-Site-Data of "+target, a.value("Clear-Site-Data"), `"cache"`)
	}
	// 2. Nobody's may be kept, but the cookie is not the app's to clear there either.
	a := s.get("/public")
	for _, name := range targeted {
		assertEqual(t, "nobody's "+name, a.value(name), "public, max-age=3600")
	}
	assertEqual(t, "nobody's Clear-Site-Data", a.value("Clear-Site-Data"), `"cache"`)
	// 3. What would clear everything clears nothing.
	for _, all := range []string{`"*"`, `"cookies"`, `"cookies","*"`} {
		s.app.answers(reply(200, "hers", "Clear-Site-Data: "+all))
		assertEqual(t, "Clear-Site-Data "+all, s.get("/", cookie(token)).value("Clear-Site-Data"), "")
	}
}

// Who has tossed a second cookie into the browser cannot keep its owner from
// logging out.
func TestS2_Regression_ALogoutBehindAGuardEndsBothValues(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 1h", site: `
		handle /out {
			route {
				session {
					optional
				}
				session_logout
			}
		}` + guarded()})
	for _, line := range []string{
		"Cookie: " + cookieName + "=%s; " + cookieName + "=x",
		"Cookie: " + cookieName + "=x; " + cookieName + "=%s",
		"Cookie: " + cookieName + "=%s\r\nCookie: " + cookieName + "=x",
	} {
		// 1. Alice is known, and in the cache.
		token := s.login(alice)
		s.assertOK(s.get("/", cookie(token)), alice)
		// 2. She logs out while there is another cookie of that name.
		a := s.post("/out", fmt.Sprintf(line, token), "Sec-Fetch-Site: same-origin")
		assertStatus(t, a, 303)
		assertExpired(t, a)
		// 3. Her session is dead, not just forgotten.
		s.assertSTOP(s.get("/", cookie(token)))
	}
	// 4. Two sessions are both dead.
	token, other := s.login(alice), s.login(carol)
	assertStatus(t, s.post("/out", jar(cookieName+"="+token, cookieName+"="+other), "Sec-Fetch-Site: same-origin"), 303)
	s.assertSTOP(s.get("/", cookie(token)))
	s.assertSTOP(s.get("/", cookie(other)))
	assertEqual(t, "rows", rows(t, s.database()), 0)
}

// The admin API says of another program's sessions what it cannot do, instead
// of hanging up.
func TestRegression_TheAdminAPIOfAForeignRealmAnswers(t *testing.T) {
	p := program{
		tables: []string{"CREATE TABLE app_sessions (sid varchar(64) PRIMARY KEY, person integer, ends bigint)"},
		fill:   func(db programDB) { db.exec("INSERT INTO app_sessions VALUES ('a', 7, ?)", in(time.Hour).Unix()) },
		realm: `format custom {
			cookie sid
			table  app_sessions
			columns {
				key        sid
				user_id    person
				expires_at ends
			}
			expires_unit unix
		}`,
		cookie: "sid", first: "a", good: map[string]identity{"a": {user: "7"}},
	}
	url := freshDB["sqlite"](t)
	db := openProgramDB(t, url)
	db.exec(p.tables[0])
	p.fill(db)
	config := p.setup(t, url, nil)
	config.global = "session two {\n store sqlite:{dir}/two.db\n}"
	s := startWithAdmin(t, config)
	p.isGood(t, s, "a", p.good["a"])
	// 1. A program knows the id of a session of ours, which has the right form.
	var ours shown
	a := s.api("POST", "two/sessions", `{"user": "7"}`, nil)
	assertStatus(t, a, 201)
	if err := json.Unmarshal([]byte(a.body), &ours); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
	// 2. It asks the realm of the other program for everything that there is.
	for _, c := range []struct{ method, target, body string }{
		{"GET", "sessions", ""},
		{"GET", "sessions?user=7", ""},
		{"POST", "sessions", `{"user": "7"}`},
		{"POST", "sessions", `{`},
		{"GET", "sessions/" + ours.ID, ""},
		{"GET", "sessions/nonsense", ""},
		{"GET", "sessions/a", ""},
		{"DELETE", "sessions/" + ours.ID, ""},
		{"DELETE", "sessions/nonsense", ""},
		{"DELETE", "sessions/a", ""},
		{"DELETE", "users/7/sessions", ""},
		{"DELETE", "users/x/sessions", ""},
		{"POST", "purge", ""},
	} {
		a := s.api(c.method, "default/"+c.target, c.body, nil)
		if a.status != 404 && a.status != 405 {
			t.Errorf("%s %s: status %d, want 404 or 405: %s", c.method, c.target, a.status, a.body)
		}
	}
	// 3. Nothing has changed, in either realm, and the database is well.
	assertStatus(t, s.api("GET", "default/health", "", nil), 200)
	assertEqual(t, "rows", p.count(db), 1)
	p.isGood(t, s, "a", p.good["a"])
	s.api("GET", "two/sessions/"+ours.ID, "", &ours)
}
