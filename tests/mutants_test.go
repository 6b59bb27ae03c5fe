//go:build unix

package tests

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

// What tests did not see when it was broken by hand.

// {http.auth.user.*} is nobody's after an error, and after a refusal.
func TestH5_TheIdentityIsTakenBackFromThePlaceholders(t *testing.T) {
	const told = "header_up X-Told {http.auth.user.id}|{http.auth.user.email}|"
	s := start(t, setup{site: guarded() + `
		handle /broken {
			session
			error 500
		}
		handle /forbidden {
			session {
				require groups nobody
			}
			respond "not reached"
		}
		handle_errors {
			reverse_proxy {app} {
				` + told + `
			}
		}`})
	token := s.login(alice)
	for _, target := range []string{"/broken", "/forbidden"} {
		s.get(target, cookie(token))
		got := s.app.one(t)
		assertANON(t, got)
		assertEqual(t, target, got.value("X-Told"), "||")
	}
}

// Who another module has found is nobody to a guard without a session.
func TestH9_AGuardWithoutASessionKeepsNobodyElsesUser(t *testing.T) {
	hash, err := bcrypt.GenerateFromPassword([]byte("wonderland"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, setup{site: `
		route {
			basic_auth {
				mallory ` + string(hash) + `
			}
			session {
				optional
			}
			reverse_proxy {app} {
				header_up X-Told {http.auth.user.id}|
			}
		}`})
	assertStatus(t, s.get("/", basic("mallory", "wonderland")), 200)
	got := s.app.one(t)
	assertANON(t, got)
	assertEqual(t, "told", got.value("X-Told"), "|")
}

// Of several lines that say where a request comes from, each must be good.
func TestS8_OneGoodLineOfTwoIsNotEnough(t *testing.T) {
	s := start(t, setup{})
	token := s.login(alice)
	for _, lines := range [][]string{
		{"Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"},
		{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-origin"},
		{"Origin: http://app.test", "Origin: http://evil.test"},
		{"Origin: http://evil.test", "Origin: http://app.test"},
		{"Origin: http://app.test:8080"},
		{"Sec-Fetch-Site: same-site"},
		{"Sec-Fetch-Site: Same-Origin"},
	} {
		if a := s.post("/logout", append(lines, cookie(token))...); a.status != 403 {
			t.Errorf("a logout with %q: status %d", lines, a.status)
		}
	}
	for _, lines := range [][]string{
		{"Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"},
		{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: none"},
		{"Origin: http://app.test", "Origin: http://evil.test"},
	} {
		if a := s.post(bob.becoming(), lines...); a.status != 403 {
			t.Errorf("a login with %q: status %d", lines, a.status)
		}
	}
	s.assertOK(s.get("/", cookie(token)), alice)
}

// A row that has been given to another realm by hand is nothing here.
func TestS5_ARowOfAnotherRealmIsNobodys(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 0"})
	token := s.login(alice)
	s.assertOK(s.get("/", cookie(token)), alice)
	execute(t, s.database(), "UPDATE "+table+" SET realm = 'other'")
	s.assertSTOP(s.get("/", cookie(token)))
	// Nor does a logout here end it.
	assertStatus(t, s.logout(token), 303)
	if n := rows(t, s.database()); n != 1 {
		t.Errorf("%d rows are left", n)
	}
}

// While a realm's keys are not known, nobody can say what is bound to whom.
func TestS13_WithoutKeysNoAppCookieGoesUpstream(t *testing.T) {
	s := start(t, setup{
		store: "postgres://nobody:hush@127.0.0.1:1/none?sslmode=disable",
		site:  guarded("optional", "app_cookies JSESSIONID"),
	})
	s.secret("hush")
	// Without a session's cookie the database is not asked: nobody, and no error.
	a := s.get("/", jar("JSESSIONID=alices", "JSESSIONID-bound=x", "other=1"))
	assertStatus(t, a, 200)
	got := s.app.one(t)
	assertANON(t, got)
	assertEqual(t, "cookies upstream", got.value("Cookie"), "other=1")
	assertEqual(t, "Set-Cookie", a.value("Set-Cookie"), "")
}

// Several guards see one answer: it is bound once, by one of them.
func TestS13_TwoGuardsBindAnAnswerOnce(t *testing.T) {
	s := start(t, setup{site: guarded("app_cookies JSESSIONID") + `
		handle /twice {
			session {
				app_cookies JSESSIONID
			}
			session {
				app_cookies JSESSIONID
			}
			reverse_proxy {app}
		}`})
	token := s.login(alice)
	for _, sent := range []string{"other=1", "JSESSIONID=bobs", "JSESSIONID=bobs; JSESSIONID-bound=bobs"} {
		s.app.answers(reply(200, "ok", "Set-Cookie: JSESSIONID=hers; Path=/"))
		a := s.get("/twice", jar(cookieName+"="+token, sent))
		assertEqual(t, "cookies upstream", strings.TrimPrefix(s.app.one(t).value("Cookie"), "other=1"), "")
		seal, _ := setCookie(t, a, "JSESSIONID-bound") // which there is once
		value, _ := setCookie(t, a, "JSESSIONID")
		assertEqual(t, "the app's cookie", value, "hers")
		s.app.answers(reply(200, "ok"))
		a = s.get("/twice", jar(cookieName+"="+token, "JSESSIONID=hers", "JSESSIONID-bound="+seal))
		s.assertCookiesUpstream("bound", a, "JSESSIONID=hers")
	}
}

// A realm whose database is away has its name to go by: what could be a token
// under it reaches no app of another realm.
func TestD9_WithoutKeysTheNameSaysWhoseATokenIs(t *testing.T) {
	s := start(t, setup{
		global: `session strong {
			store "postgres://nobody:hush@127.0.0.1:1/none?sslmode=disable"
			cookie __Host-strong
		}`,
		site: guarded() + `
		handle /strong {
			session strong
			reverse_proxy {app}
		}`,
	})
	s.secret("hush")
	token, could := s.login(alice), strings.Repeat("A", 64)
	a := s.get("/", jar(cookieName+"="+token, "__Host-strong="+could, "csrf="+could, "__Host-strong=x"))
	s.assertCookiesUpstream("what is nobody's token", a, "csrf="+could+"; __Host-strong=x")
}

// Whoever must not be sent upstream is nobody to later handlers, too.
func TestH6_WhoMustNotBeSentIsNobodyToMatchers(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 0", site: guarded() + `
		handle_errors {
			@somebody session
			header X-Matched no
			header @somebody X-Matched yes
			header X-Status {http.session.status}
			header X-Told "{http.session.user}|"
			respond "error" {err.status_code}
		}`})
	token := s.login(alice)
	execute(t, s.database(), "UPDATE "+table+" SET user_id = 'al' || char(10) || 'ice'")
	a := s.get("/", cookie(token))
	assertStatus(t, a, 502)
	assertEqual(t, "the matcher", a.value("X-Matched"), "no")
	assertEqual(t, "status", a.value("X-Status"), "invalid")
	assertEqual(t, "user", a.value("X-Told"), "|")
}

// Nor is it sent where a header depends on the request besides.
func TestH6_WhoMustNotBeSentIsNotSentBesideTheRequestsOwn(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 0", site: guarded("header X-Path {http.request.uri.path}")})
	token := s.login(alice)
	a := s.get("/path", cookie(token))
	s.assertOK(a, alice)
	execute(t, s.database(), "UPDATE "+table+" SET user_id = 'al' || char(10) || 'ice'")
	assertStatus(t, s.get("/path", cookie(token)), 502)
	s.app.untouched(t)
}

// So is whoever a header cannot carry.
func TestH6_WhomAHeaderCannotCarryIsNobodyToMatchers(t *testing.T) {
	for _, header := range []string{"header X-User {http.session.user} ascii", "header X-User {http.session.user} ascii\nheader X-Path {http.request.uri.path}"} {
		s := start(t, setup{site: guarded("headers none", header) + `
			handle_errors {
				@somebody session
				header X-Matched no
				header @somebody X-Matched yes
				header X-Told "{http.session.user}|{http.auth.user.id}|"
				respond "error" {err.status_code}
			}`})
		a := s.get("/", cookie(s.become(identity{user: "爱丽丝"})))
		assertStatus(t, a, 502)
		assertEqual(t, "the matcher", a.value("X-Matched"), "no")
		assertEqual(t, "user", a.value("X-Told"), "||")
		assertEqual(t, "told to the operator", s.logged("warn", `"event":"refused"`), 1)
	}
}

// Whom another module has found is nobody's user after a refusal, nor where a guard
// asks for no session; whom a guard has found stays.
func TestD9_AGuardThatRefusesOrStripsKeepsNobodyElsesUser(t *testing.T) {
	hash, err := bcrypt.GenerateFromPassword([]byte("wonderland"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, setup{site: guarded() + `
		@prompted path /refused /stripped
		basic_auth @prompted {
			mallory ` + string(hash) + `
		}
		handle /refused {
			session
			respond "not reached"
		}
		handle /stripped {
			session {
				strip_only
			}
			reverse_proxy {app} {
				header_up X-Told {http.auth.user.id}|
			}
		}
		handle /both {
			session
			session {
				strip_only
			}
			reverse_proxy {app} {
				header_up X-Told {http.auth.user.id}|
			}
		}
		handle_errors {
			header X-Told "{http.auth.user.id}|"
			respond "error" {err.status_code}
		}`})
	a := s.get("/refused", basic("mallory", "wonderland"))
	assertStatus(t, a, 401)
	assertEqual(t, "/refused", a.value("X-Told"), "|")
	assertStatus(t, s.get("/stripped", basic("mallory", "wonderland")), 200)
	assertEqual(t, "/stripped", s.app.one(t).value("X-Told"), "|")
	assertStatus(t, s.get("/both", cookie(s.login(alice))), 200)
	assertEqual(t, "/both", s.app.one(t).value("X-Told"), alice.user+"|")
}

// The realm's own cookie is nobody else's to set, whom it is forwarded to included.
func TestC5_AnAppThatIsForwardedTheCookieDoesNotSetIt(t *testing.T) {
	s := start(t, setup{site: guarded("forward_cookie")})
	token := s.login(alice)
	s.app.answers(reply(200, "ok", "Set-Cookie: "+cookieName+"=x; Path=/; Secure", "Set-Cookie: theirs=1"))
	a := s.get("/", cookie(token))
	assertEqual(t, "Set-Cookie", strings.Join(a.values("Set-Cookie"), "|"), "theirs=1")
}

// To a guard that only observes they are nobody, whose cookies the app's are not.
func TestH6_WhomAHeaderCannotCarryIsNobodyWhereNobodyIsRefused(t *testing.T) {
	s := start(t, setup{site: guarded("observe", "app_cookies JSESSIONID", "headers none", "header X-User {http.session.user} ascii")})
	token := s.become(identity{user: "爱丽丝"})
	assertStatus(t, s.get("/", jar(cookieName+"="+token, "JSESSIONID=x")), 200)
	got := s.app.one(t)
	assertEqual(t, "X-User", got.value("X-User"), "")
	assertEqual(t, "cookies", got.value("Cookie"), "")
}

// The separator is of lists: a text may hold it.
func TestH6_ATextMayHoldTheSeparator(t *testing.T) {
	s := start(t, setup{})
	who := identity{user: "adams, alice", email: "a,b@example.com", name: "Adams, Alice"}
	s.assertOK(s.get("/", cookie(s.become(who))), who)
}

// What the placeholder of the status says for each outcome.
func TestGuard_TheStatusOfEachOutcome(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 0", site: `
		header >X-Status {http.session.status}` + guarded("require groups users") + `
		handle_errors {
			header X-Status {http.session.status}
			respond "error" {err.status_code}
		}`})
	token, other := s.login(alice), s.become(bob)
	for lines, want := range map[string]string{
		cookie(token): "200 ok",
		cookie(other): "403 forbidden",
		"X: y":        "401 none",
		cookie("x"):   "401 malformed",
		jar(cookieName+"="+token, cookieName+"="+other): "401 ambiguous",
	} {
		a := s.get("/", lines)
		assertEqual(t, lines, fmt.Sprint(a.status, " ", a.value("X-Status")), want)
	}
	for lines, want := range map[string]string{cookie(token): "200 ok", cookie("x"): "200 malformed", "X: y": "200 none"} {
		a := s.get("/public", lines)
		assertEqual(t, lines, fmt.Sprint(a.status, " ", a.value("X-Status")), want)
	}
	repair := breakQueries(t, s.database())
	a := s.get("/", cookie(token))
	assertEqual(t, "without a table", fmt.Sprint(a.status, " ", a.value("X-Status")), "503 unavailable")
	repair()
}

// After an error another app may answer. Nothing of the first one's is its own:
// its cookies are nobody's, and a cache is told that the answer was Alice's.
func TestH5_WhatAnswersAfterAnErrorIsAnotherApp(t *testing.T) {
	s := start(t, setup{site: `
		handle /login {
			session_login
			reverse_proxy {page}
		}
		handle {
			session {
				app_cookies JSESSIONID
				public /open
			}
			reverse_proxy unix/{dir}/nobody-listens
		}
		handle_errors {
			session {
				strip_only
				app_cookies JSESSIONID
			}
			reverse_proxy {app}
		}`})
	token := s.login(alice)
	s.app.answers(reply(200, "sorry", "Set-Cookie: JSESSIONID=x; Path=/"))
	a := s.get("/", cookie(token))
	assertANON(t, s.app.one(t))
	assertEqual(t, "Set-Cookie", strings.Join(a.values("Set-Cookie"), "|"), "JSESSIONID=x; Path=/")
	assertEqual(t, "Cache-Control", a.value("Cache-Control"), "private")
	assertContains(t, a.value("Vary"), "Cookie")
	// An error on a public path is one as well.
	s.app.answers(reply(200, "sorry"))
	assertEqual(t, "body", s.get("/open").body, "sorry")
	assertANON(t, s.app.one(t))
}

func TestH8_ARefusedMethodNamesTheOthers(t *testing.T) {
	s := start(t, setup{})
	a := s.raw(request("TRACE", "/"))
	assertStatus(t, a, 405)
	assertEqual(t, "Allow", a.value("Allow"), "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
	s.app.untouched(t)
	a = s.get("/logout")
	assertStatus(t, a, 405)
	assertEqual(t, "Allow", a.value("Allow"), "POST")
}

func TestH8_ALoginPageIsAskedForNoTunnelEither(t *testing.T) {
	s := start(t, setup{})
	s.page.answers(reply(200, "who are you?"))
	assertStatus(t, s.get("/login", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"), 200)
	got := s.page.one(t)
	assertEqual(t, "Upgrade", got.value("Upgrade"), "")
	assertEqual(t, "HTTP2-Settings", got.value("HTTP2-Settings"), "")
}

// Whatever a browser presents that this realm has made ends with a login.
func TestS1_ALoginEndsEachOfTwoSessions(t *testing.T) {
	s := start(t, setup{})
	first, second := s.login(alice), s.become(bob)
	fresh := s.newToken(s.get(carol.becoming(), jar(cookieName+"="+first, cookieName+"="+second)))
	s.assertSTOP(s.get("/", cookie(first)))
	s.assertSTOP(s.get("/", cookie(second)))
	s.assertOK(s.get("/", cookie(fresh)), carol)
	if n := rows(t, s.database()); n != 1 {
		t.Errorf("%d rows are left", n)
	}
}

// What a login page sets beside the identity is whoever's logs in.
func TestS13_ALoginPagesCookieIsWhosLogsIn(t *testing.T) {
	s := start(t, setup{site: guarded("app_cookies JSESSIONID")})
	s.page.answers(reply(200, "welcome", append(alice.lines(remoteSet), "Set-Cookie: JSESSIONID=hers; Path=/")...))
	a := s.get("/login", "Cookie: JSESSIONID=bobs")
	token := s.newToken(a)
	value, _ := setCookie(t, a, "JSESSIONID")
	assertEqual(t, "the app's cookie", value, "hers")
	seal, _ := setCookie(t, a, "JSESSIONID-bound")
	sent := []string{"JSESSIONID=hers", "JSESSIONID-bound=" + seal}
	s.assertCookiesUpstream("as Alice", s.get("/", jar(append(sent, cookieName+"="+token)...)), "JSESSIONID=hers")
	s.assertCookiesUpstream("as Bob", s.get("/", jar(append(sent, cookieName+"="+s.become(bob))...)), "")
}

// A login without a page answers with nothing but the cookie.
func TestLogin_AUserWithoutAPage(t *testing.T) {
	s := start(t, setup{site: guarded() + `
		handle /quiet {
			session_login {
				user alice
			}
		}`})
	a := s.get("/quiet")
	assertStatus(t, a, 200)
	s.assertOK(s.get("/", cookie(s.newToken(a))), identity{user: "alice"})
}

// A page that has logged somebody in for itself must not say so when we refuse.
func TestH6_ARefusedLoginSetsNoCookieOfThePage(t *testing.T) {
	s := start(t, setup{})
	for _, lines := range [][]string{{"Remote-User: alice", "Remote-User: bob"}, {"Remote-User: al\xffice"}} {
		s.page.answers(reply(200, "welcome, Alice", append(lines, "Set-Cookie: JSESSIONID=hers", "Content-Language: en")...))
		a := s.get("/login")
		assertStatus(t, a, 502)
		assertEqual(t, "Set-Cookie", a.value("Set-Cookie"), "")
		assertEqual(t, "Content-Language", a.value("Content-Language"), "")
		if strings.Contains(a.body, "Alice") {
			t.Errorf("the page's body went out:\n%v", a)
		}
	}
}

// The first guard has told who it is, and the second refuses them.
func TestH5_ASecondGuardsRefusalTakesTheIdentityBack(t *testing.T) {
	s := start(t, setup{site: guarded() + `
		handle /both {
			session
			session {
				require groups nobody
			}
			respond "not reached"
		}
		handle_errors {
			header X-Told "{http.auth.user.id}|{http.auth.user.email}|"
			respond "error" {err.status_code}
		}`})
	a := s.get("/both", cookie(s.login(alice)))
	assertStatus(t, a, 403)
	assertEqual(t, "X-Told", a.value("X-Told"), "||")
}

// A logout on every device that the database does not hear of has not happened.
func TestF1_Logout_EverywhereFailsWithTheDatabase(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 0", site: guarded() + `
		handle /everywhere {
			session_logout {
				everywhere
			}
		}`})
	token := s.login(alice)
	execute(t, s.database(), "CREATE TRIGGER keep BEFORE DELETE ON "+table+" BEGIN SELECT RAISE(ABORT, 'no'); END")
	a := s.post("/everywhere", cookie(token), "Sec-Fetch-Site: same-origin")
	s.assertDENY(a)
	s.assertOK(s.get("/", cookie(token)), alice)
}

// While nobody knows the realm's keys, nobody can say which session a cookie is:
// a logout has not happened, and a login does not even ask its page.
func TestF1_WithoutKeysNothingStartsAndNothingEnds(t *testing.T) {
	s := start(t, setup{store: "postgres://nobody:hush@127.0.0.1:1/none?sslmode=disable"})
	s.secret("hush")
	could := cookie(strings.Repeat("A", 64))
	for _, text := range []string{request("GET", "/login", could), request("GET", alice.becoming(), could), requestWithBody("POST", "/logout", "", could)} {
		s.assertDENY(s.raw(text))
		s.page.untouched(t)
	}
}

// A login that cannot end one of the browser's sessions starts none, and ends none.
func TestF1_ALoginThatFailsLeavesTheSessionsBefore(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 0"})
	first, second := s.login(alice), s.become(bob)
	execute(t, s.database(), "CREATE TRIGGER keep BEFORE DELETE ON "+table+" WHEN OLD.user_id = '"+bob.user+"' BEGIN SELECT RAISE(ABORT, 'no'); END")
	a := s.get(carol.becoming(), jar(cookieName+"="+first, cookieName+"="+second))
	s.assertDENY(a)
	s.assertOK(s.get("/", cookie(first)), alice)
	s.assertOK(s.get("/", cookie(second)), bob)
}

// A login between guards is seen by those behind it, whatever those before it saw,
// and of each cookie there is one line.
func TestLogin_GuardsBehindItForgetWhatThoseBeforeItSaw(t *testing.T) {
	s := start(t, setup{global: "session two {\n store {store}\n cookie __Host-two\n}", site: `
		route {
			session {
				optional
				app_cookies JSESSIONID
			}
			session two {
				optional
			}
			session_login {
				user alice
			}
			header X-Status {http.session.status}
			session
			reverse_proxy {app}
		}`})
	a := s.get("/", jar("JSESSIONID=bobs"))
	s.newToken(a)
	s.assertOK(a, identity{user: "alice"})
	assertEqual(t, "status", a.value("X-Status"), "ok")
	setCookie(t, a, "JSESSIONID")
}

// Each of three realms has its own answer in one request, however often it is asked.
func TestD9_ThreeRealmsInOneRequest(t *testing.T) {
	names := []string{"default", "two", "three"}
	logins, realms := "", ""
	for _, name := range names {
		logins += "handle /" + name + " {\n session_login " + name + " {\n user {query.user}\n }\n respond ok\n}\n"
		if name != "default" {
			realms += "session " + name + " {\n store {store}\n cookie __Host-" + name + "\n}\n"
		}
	}
	s := start(t, setup{global: realms, site: logins + `
		route {
			session {
				optional
				header X-One {http.session.user}
			}
			session two {
				optional
				header X-Two {http.session.user}
				app_cookies app
			}
			session three {
				optional
				header X-Three {http.session.user}
			}
			session two {
				strip_only
				header X-Two x
				app_cookies app
			}
			reverse_proxy {app}
		}`})
	login := func(realm, cookie, user string) string {
		token, _ := setCookie(t, s.get("/"+realm+"?user="+user), cookie)
		s.secret(token)
		return cookie + "=" + token
	}
	one, two, three := login("default", cookieName, "alice"), login("two", "__Host-two", "bob"), login("three", "__Host-three", "carol")
	// 1. What the app sets is bound to the second realm's user, and comes back as theirs.
	s.app.answers(reply(200, "ok", "Set-Cookie: app=bobs; Path=/"))
	seal, _ := setCookie(t, s.get("/", jar(two)), "app-bound")
	s.app.take()
	s.app.answers(reply(200, "ok"))
	for _, c := range []struct {
		what, one, two, three, cookies string
		sent                           []string
	}{
		{"all", "alice", "bob", "carol", "app=bobs", []string{one, two, three, "app=bobs", "app-bound=" + seal}},
		{"not the third", "alice", "bob", "", "app=bobs", []string{one, two, "app=bobs", "app-bound=" + seal}},
		{"not the second", "alice", "", "carol", "", []string{one, three, "app=bobs", "app-bound=" + seal}},
		{"the last", "", "", "carol", "", []string{three}},
	} {
		// 2. Nobody is who they are in another realm.
		assertStatus(t, s.get("/", jar(c.sent...)), 200)
		got := s.app.one(t)
		assertEqual(t, c.what+", the first", got.value("X-One"), c.one)
		assertEqual(t, c.what+", the second", got.value("X-Two"), c.two)
		assertEqual(t, c.what+", the third", got.value("X-Three"), c.three)
		assertEqual(t, c.what+", cookies", got.value("Cookie"), c.cookies)
	}
}
