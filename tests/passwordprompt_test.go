//go:build unix

package tests

import (
	"encoding/base64"
	"testing"
)

// basic is what a browser sends with every request after its password prompt.
func basic(user, password string) string {
	return "Authorization: bAsIc " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

const promptSite = `
	handle /login {
		basic_auth {
			alice $2a$04$8nHO.H0ZrrPCD1Fj0RSvl.1zKb4yvBvF7E8k6gM6T7wT4A9Zb4lHW
		}
		session_login {
			user {http.auth.user.id}
			redirect /
		}
	}
	handle /become {
		session_login {
			user {query.user}
		}
		respond ok
	}
	handle /page {
		session_login
		reverse_proxy {page}
	}
	handle /logout {
		session_logout
	}
	handle /keep {
		session {
			forward_authorization
		}
		reverse_proxy {app}
	}
	handle {
		session {
			optional
		}
		reverse_proxy {app}
	}`

func TestD5_ThePasswordOfAPromptIsNotTheAppsToSee(t *testing.T) {
	s := start(t, setup{site: promptSite})
	token := s.newToken(s.get("/become?user=alice"))
	for line, want := range map[string]string{
		basic("alice", "secret"): "", "Authorization: Basic": "", "authorization:  basic x": "", "Authorization: Bearer x": "Bearer x", "Authorization: Basically x": "Basically x",
	} {
		assertStatus(t, s.get("/", cookie(token), line), 200)
		assertEqual(t, line, s.app.one(t).value("Authorization"), want)
	}
	assertStatus(t, s.get("/", cookie(token), basic("alice", "secret"), "Authorization: Bearer x"), 200)
	assertEqual(t, "two lines", s.app.one(t).value("Authorization"), "Bearer x")
	// Where no identity goes upstream it is the app's own affair, and so it is
	// where the operator says so.
	s.get("/", "Authorization: Basic x")
	assertEqual(t, "without a session", s.app.one(t).value("Authorization"), "Basic x")
	s.get("/keep", cookie(token), "Authorization: Basic x")
	assertEqual(t, "forward_authorization", s.app.one(t).value("Authorization"), "Basic x")
	// In a realm without such a login it is nobody's to touch.
	other := start(t, setup{site: "handle /login {\nsession_login\nreverse_proxy {page}\n}\nhandle {\nsession\nreverse_proxy {app}\n}"})
	token = other.login(alice)
	other.get("/", cookie(token), "Authorization: Basic x")
	assertEqual(t, "without a prompt", other.app.one(t).value("Authorization"), "Basic x")
}

func TestD5_AfterALogoutThePasswordIsAskedForAgainOnce(t *testing.T) {
	s := start(t, setup{site: promptSite})
	b := newProfile(s, "app.test")
	password := basic("alice", "wonderland")
	enter := func() *answer { return b.get("/become?user=alice", password) }
	// 1. Alice logs in by the prompt, and out.
	s.newToken(enter())
	assertStatus(t, b.post("/logout", password), 303)
	// 2. Her browser sends the password by itself: it is asked for once more.
	a := enter()
	assertStatus(t, a, 401)
	assertContains(t, a.value("Www-Authenticate"), "Basic realm=")
	if session, _ := setCookie(t, a, cookieName+"-out"); session != "" {
		t.Errorf("it would be asked for for ever: %v", a)
	}
	// 3. Whoever types one then is logged in.
	a = enter()
	s.newToken(a)
	assertEqual(t, "Www-Authenticate", a.value("Www-Authenticate"), "")
	// 4. The cookie that says so never reaches an app, nor is it an app's to set.
	s.app.answers(reply(200, "ok", "Set-Cookie: "+cookieName+"-out=1"))
	a = s.get("/", jar(cookieName+"-out=1", "a=b"))
	assertEqual(t, "cookies", s.app.one(t).value("Cookie"), "a=b")
	assertEqual(t, "Set-Cookie", a.value("Set-Cookie"), "")
	// 5. A login without a password is not asked.
	assertStatus(t, b.post("/logout"), 303)
	s.newToken(b.get("/become?user=alice"))
	// 6. Nor does a login page ask, whose visitor has no prompt to type it into.
	assertStatus(t, b.post("/logout", password), 303)
	s.newToken(b.get("/page", password))
}
