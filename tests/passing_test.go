//go:build unix

package tests

import (
	"strings"
	"testing"
)

const preflightLines = "Origin: https://other.test\r\nAccess-Control-Request-Method: PUT"

// lies are what a client says of itself, and cookies that are not its app's.
func lies(token string) []string {
	return append(mallory.lines(remoteSet), "remote_user: mallory", "Connection: close, Remote-User",
		jar(cookieName+"="+token, "JSESSIONID=hers", "JSESSIONID-bound=x", "a=b"))
}

// assertPassedStripped: the request went upstream as nobody's, with nothing in
// it that is not the client's to say.
func (s *server) assertPassedStripped(what string, a *answer) {
	s.t.Helper()
	if a.status != 200 {
		s.t.Fatalf("%s: status %d, want 200:\n%v", what, a.status, a)
	}
	got := s.app.one(s.t)
	assertANON(s.t, got)
	assertEqual(s.t, what+": cookies", got.value("Cookie"), "a=b")
	assertEqual(s.t, what+": Set-Cookie", a.value("Set-Cookie"), "")
}

func TestD4_PublicPathsAreStrippedLikeAllOthers(t *testing.T) {
	s := start(t, setup{site: guarded("public /health /static/* /.well-known/acme", "app_cookies JSESSIONID")})
	token := s.login(alice)
	for _, target := range []string{"/health", "/health?x=1", "/health?%2e%2e;//", "/static/", "/static/app.js", "/static/a/b/c", "/.well-known/acme"} {
		s.assertPassedStripped(target, s.get(target, lies(token)...))
	}
	// Whatever backends read differently is not public, nor is another case.
	for _, target := range []string{
		"/healthz", "/health/", "/HEALTH", "/Health", "/static", "/staticx", "/health;x", "/health;/../admin", "/static/..;/admin", "/static/../admin",
		"/static/%2e%2e/admin", "/static/%2E%2E%2Fadmin", "/static//admin", "//static/x", "/static/./x", "/static\\..\\admin", "/%68ealth",
		"/static/%00", "/static/a%20b", "/static/a%09b", "/static/\x80", "/static/..", "/.well-known/ACME",
	} {
		a := s.get(target)
		if a.status == 200 {
			t.Errorf("%q is public", target)
		}
		s.app.untouched(t)
	}
	// With a session they are nobody's all the same.
	s.assertPassedStripped("with a session", s.get("/health", lies(token)...))
	s.assertOK(s.get("/healthz", cookie(token)), alice)
}

// A path that something before the guard has rewritten must be public before
// and after.
func TestD4_ARewrittenPathIsPublicOnlyIfBothAre(t *testing.T) {
	s := start(t, setup{site: `
		route {
			uri strip_prefix /api
			rewrite /open /private
			rewrite /hidden /health
			session {
				public /health /api/health /open
			}
			reverse_proxy {app}
		}`})
	s.assertPassedStrippedPlain("/api/health")
	for _, target := range []string{"/open", "/api/open", "/api/private", "/hidden"} {
		assertStatus(t, s.get(target), 401)
		s.app.untouched(t)
	}
}

func (s *server) assertPassedStrippedPlain(target string) {
	s.t.Helper()
	assertStatus(s.t, s.get(target, mallory.lines(remoteSet)...), 200)
	assertANON(s.t, s.app.one(s.t))
}

func TestD4_PreflightsPassWithoutAnIdentity(t *testing.T) {
	s := start(t, setup{site: guarded("allow_preflight", "app_cookies JSESSIONID")})
	token := s.login(alice)
	s.assertPassedStripped("a preflight", s.raw(request("OPTIONS", "/x", append(lies(token), preflightLines)...)))
	for what, text := range map[string]string{
		"another method":      request("GET", "/x", preflightLines),
		"no origin":           request("OPTIONS", "/x", "Access-Control-Request-Method: PUT"),
		"no method":           request("OPTIONS", "/x", "Origin: https://other.test"),
		"two origins":         request("OPTIONS", "/x", preflightLines, "Origin: https://evil.test"),
		"two methods":         request("OPTIONS", "/x", preflightLines, "Access-Control-Request-Method: GET"),
		"an ordinary OPTIONS": request("OPTIONS", "/x"),
	} {
		if a := s.raw(text); a.status != 401 {
			t.Errorf("%s: status %d", what, a.status)
		}
		s.app.untouched(t)
	}
	s.assertOK(s.raw(request("OPTIONS", "/x", cookie(token))), alice)
}

func TestD4_APreflightDoesNotPassUnasked(t *testing.T) {
	s := start(t, setup{})
	assertStatus(t, s.raw(request("OPTIONS", "/x", preflightLines)), 401)
	s.app.untouched(t)
}

func TestD4_StripOnlyAsksForNoSession(t *testing.T) {
	const site = `
		handle /free* {
			session {
				strip_only
				headers x-forwarded
				app_cookies JSESSIONID
			}
			reverse_proxy {app}
		}
		handle {
			session {
				app_cookies JSESSIONID
			}
			reverse_proxy {app}
		}`
	s := start(t, setup{site: guarded() + site[:strings.Index(site, "handle {")]})
	token := s.login(alice)
	s.assertPassedStripped("with a session", s.get("/free", append(lies(token), "X-Forwarded-User: mallory")...))
	// It works with the database down.
	down := start(t, setup{store: "postgres://nobody:hush@127.0.0.1:1/none?sslmode=disable", site: site})
	down.secret("hush")
	down.assertPassedStripped("with the database down", down.get("/free", lies(token)...))
	assertStatus(t, down.get("/", cookie(token)), 503)
}

// Where nobody asks for sessions no database is made.
func TestD4_StripOnlyMakesNoDatabase(t *testing.T) {
	s := start(t, setup{bare: true, site: `
		session {
			strip_only
		}
		reverse_proxy {app}`})
	s.assertPassedStripped("without a realm", s.get("/", append(mallory.lines(remoteSet), jar(cookieName+"="+strings.Repeat("A", 64), "a=b"))...))
}

// A guard with a matcher keeps out everywhere what it would keep out where it
// runs.
func TestD4_AMatcherNarrowsTheGuardNotTheStripping(t *testing.T) {
	const logins = `
		handle_path /in {
			session_login {
				user {query.user}
				claim email {query.email}
				claim name {query.name}
				claim groups {query.group} {query.group2}
			}
			respond ok
		}
		`
	for what, site := range map[string]string{
		"a path":          "session /admin/*\nreverse_proxy {app}",
		"a named matcher": "@private path /admin/*\nsession @private\nreverse_proxy {app}",
		"in a route":      "route {\nsession /admin/*\nreverse_proxy {app}\n}",
		"two guards":      "session /admin/* {\nforward_cookie\n}\nsession /other/* {\nrequire user nobody\n}\nreverse_proxy {app}",
		"more headers":    "session /admin/* {\nheader X-Tenant {http.session.user}\n}\nreverse_proxy {app}",
	} {
		t.Run(what, func(t *testing.T) {
			s := start(t, setup{site: logins + "handle {\n" + site + "\n}"})
			token := s.newToken(s.get("/in?user=alice"))
			for _, target := range []string{"/", "/health", "/admin;x", "/index.php/admin/"} {
				assertStatus(t, s.get(target, append(mallory.lines(remoteSet), "REMOTE.USER: mallory", "Connection: Remote-User", jar(cookieName+"="+token, "a=b"))...), 200)
				got := s.app.one(t)
				assertANON(t, got)
				assertEqual(t, target+": cookies", got.value("Cookie"), "a=b")
			}
			assertStatus(t, s.get("/admin/x"), 401)
			s.app.untouched(t)
			assertStatus(t, s.get("/admin/x", append(mallory.lines(remoteSet), jar(cookieName+"="+token, "a=b"))...), 200)
			got := s.app.one(t)
			assertID(t, got, identity{user: "alice"})
			want := "a=b"
			if what == "two guards" {
				want = cookieName + "=" + token + "; a=b"
			}
			assertEqual(t, "cookies", got.value("Cookie"), want)
		})
	}
}

// Where a guard with a matcher does not run, its realm, its names and the app's
// cookies are kept out all the same.
func TestD4_AMatcherNarrowsNoneOfWhatTheGuardNames(t *testing.T) {
	s := start(t, setup{
		global: "session other {\n\tcookie __Host-other\n}",
		site: `
			handle /become {
				session_login other {
					user {query.user}
				}
				respond ok
			}
			handle {
				session /admin/* other {
					headers x-auth-request
					header X-Tenant {http.session.user}
					app_cookies JSESSIONID
				}
				reverse_proxy {app}
			}`,
	})
	forged := []string{"X-Auth-Request-User: mallory", "X_Tenant: mallory", "X-Tenant: mallory", "Remote-User: mallory"}
	assertStatus(t, s.get("/elsewhere", append(forged, jar("__Host-other=junk", "JSESSIONID=bobs", "a=b"))...), 200)
	got := s.app.one(t)
	assertANON(t, got)
	assertLines(t, got, nil, "X-Auth-Request-User", "X-Tenant", "X_Tenant")
	assertEqual(t, "cookies", got.value("Cookie"), "a=b")
	assertStatus(t, s.get("/admin/x", forged...), 401)
}

func TestD4_NoStoreKeepsPagesOutOfTheBrowser(t *testing.T) {
	s := start(t, setup{site: guarded("no_store", "optional")})
	token := s.login(alice)
	s.app.answers(reply(200, "ok", "Cache-Control: public, max-age=60"))
	assertEqual(t, "Cache-Control", s.get("/", cookie(token)).value("Cache-Control"), "no-store")
	assertEqual(t, "Cache-Control without an identity", s.get("/").value("Cache-Control"), "public, max-age=60")
}
