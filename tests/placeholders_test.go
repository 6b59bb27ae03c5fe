//go:build unix

package tests

import (
	"fmt"
	"strings"
	"testing"
)

func TestGuard_PlaceholdersReachTheAccessLog(t *testing.T) {
	s := start(t, setup{site: `
		log
		log_append who {http.session.user}
		log_append why {http.session.status}
		log_append id {http.session.id}
		log_append email {http.session.claims.email}
		log_append groups {http.session.claims.groups}
		log_append auth_email {http.auth.user.email}
	` + guarded()})
	token := s.login(alice)
	s.get("/", cookie(token))
	entry := s.accessEntry(t, "/")
	for field, want := range map[string]string{
		"who": "alice", "why": "ok", "email": "alice@example.com", "groups": "admins,users", "auth_email": "alice@example.com", "user_id": "alice",
	} {
		assertEqual(t, field, fmt.Sprint(entry[field]), want)
	}
	if id := fmt.Sprint(entry["id"]); len(id) < 8 || strings.Contains(token, id) {
		t.Errorf("id %q", id)
	}
	for target, c := range map[string]struct {
		cookie, why string
	}{
		"/none":             {"Cookie: a=b", "none"},
		"/malformed":        {cookie("x"), "malformed"},
		"/ambiguous":        {cookie(token) + "; " + cookieName + "=" + s.become(carol), "ambiguous"},
		"/public/none":      {"Cookie: a=b", "none"},
		"/public/malformed": {cookie("x"), "malformed"},
	} {
		s.get(target, c.cookie)
		entry := s.accessEntry(t, target)
		assertEqual(t, target+" why", fmt.Sprint(entry["why"]), c.why)
		assertEqual(t, target+" who", fmt.Sprint(entry["who"]), "")
		assertEqual(t, target+" user_id", fmt.Sprint(entry["user_id"]), "")
	}
	assertStatus(t, s.logout(token), 303)
	s.get("/unknown", cookie(token))
	assertEqual(t, "why", fmt.Sprint(s.accessEntry(t, "/unknown")["why"]), "unknown")
}

// accessEntry waits for the access log's entry for an address.
func (s *server) accessEntry(t testing.TB, target string) (found map[string]any) {
	t.Helper()
	eventually(t, "the access log has "+target, func() bool {
		for _, entry := range s.log.entries(t, "http.log.access") {
			if request, _ := entry["request"].(map[string]any); request["uri"] == target {
				found = entry
				return true
			}
		}
		return false
	})
	return found
}

// Nobody is nobody once a guard has run, and no user with a placeholder's name.
func TestD9_NobodyIsNoUserWithAPlaceholdersName(t *testing.T) {
	const told = `header_up X-Told "{http.auth.user.id}|{http.auth.user.email}|{http.session.user}|{http.session.claims.email}|{http.session.id}|"`
	proxy := "reverse_proxy {app} {\n" + told + "\n}"
	s := start(t, setup{site: `
		handle /free {
			session {
				strip_only
			}
			` + proxy + `
		}
		handle /broken {
			session {
				optional
			}
			error 500
		}
		handle {
			session {
				optional
				public /public
				allow_preflight
			}
			` + proxy + `
		}
		handle_errors {
			` + proxy + `
		}`})
	for _, target := range []string{"/", "/free", "/public", "/broken"} {
		s.get(target)
		assertEqual(t, target, s.app.one(t).value("X-Told"), "|||||")
	}
}

// What nobody has looked up yet, and what there is not, is no placeholder of ours.
func TestGuard_PlaceholdersOfNobodyYet(t *testing.T) {
	const told = `header X-Told "{http.session.status}|{http.auth.user.id}"`
	s := start(t, setup{site: `
		route /before {
			session_login
			` + told + `
			reverse_proxy {page}
		}
		route /begun {
			session_login {
				user nobody
			}
			` + told + `
			respond "welcome"
		}
		route /guarded {
			session {
				optional
			}
			header X-Told {http.session.nonsense}
			reverse_proxy {app}
		}`})
	s.page.answers(reply(200, "who are you?"))
	for target, want := range map[string]string{
		"/before": "{http.session.status}|{http.auth.user.id}", "/begun": "ok|{http.auth.user.id}", "/guarded": "{http.session.nonsense}",
	} {
		assertEqual(t, target, s.get(target).value("X-Told"), want)
	}
	assertEqual(t, "with a session", s.get("/guarded", cookie(s.newToken(s.get("/begun")))).value("X-Told"), "{http.session.nonsense}")
}
