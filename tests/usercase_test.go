//go:build unix

package tests

import (
	"encoding/json"
	"strings"
	"testing"
)

// Case makes no difference, wherever a user id comes from.
func TestD5_UserIDsAreFoldedWhereverTheyComeFrom(t *testing.T) {
	s := startWithAdmin(t, setup{realm: "user_case lower\ncache_ttl 1h", site: `
		handle /login {
			session_login
			reverse_proxy {page}
		}
		handle /logout {
			session_logout {
				everywhere
			}
		}
		handle /others/* {
			session {
				require user Bob
			}
			reverse_proxy {app}
		}
		handle {
			@her session user bob ALICE
			route {
				session {
					require user Alice ALICE@example.com
				}
				header @her +X-Is her
				reverse_proxy {app}
			}
		}
	`})
	loud := alice
	loud.user = "ALICE"
	// 1. A login page, and a program, spell her as they like: the app knows one alice.
	var started struct {
		shown
		Token string `json:"token"`
	}
	create := func(user string) string {
		t.Helper()
		a := s.api("POST", "default/sessions", `{"user": "`+user+`", "claims": {"email": "alice@example.com", "name": "Alice Adams", "groups": "admins,users"}}`, nil)
		assertStatus(t, a, 201)
		if err := json.Unmarshal([]byte(a.body), &started); err != nil {
			t.Fatal(err)
		}
		assertEqual(t, "user", started.User, strings.ToLower(user))
		s.secret(started.Token)
		return started.Token
	}
	tokens := []string{s.login(loud), s.login(alice), create("aLiCe")}
	for _, token := range tokens {
		a := s.get("/", cookie(token))
		s.assertOK(a, alice)
		assertEqual(t, "the matcher", a.value("X-Is"), "her")
		assertStatus(t, s.get("/others/", cookie(token)), 403)
	}
	// 2. So do lists, whoever asks.
	for _, user := range []string{"alice", "Alice"} {
		var list []shown
		s.api("GET", "default/sessions?user="+user, "", &list)
		assertEqual(t, "sessions of "+user, len(list), 3)
	}
	// 3. All of them end together, by a program and by herself.
	var ended map[string]int
	s.api("DELETE", "default/users/aLICE/sessions", "", &ended)
	assertEqual(t, "ended", ended["revoked"], 3)
	tokens = []string{s.login(loud), s.login(alice)}
	s.get("/", cookie(tokens[1]))
	s.app.take()
	assertStatus(t, s.post("/logout", cookie(tokens[0]), "Sec-Fetch-Site: same-origin"), 303)
	for _, token := range tokens {
		s.assertSTOP(s.get("/", cookie(token)))
	}
}

// A session from before is over: nothing that ends a user's sessions would find it.
func TestD5_SessionsFromBeforeUserIDsWereFoldedAreOver(t *testing.T) {
	s := startWithAdmin(t, setup{realm: "cache_ttl 1h"})
	loud := alice
	loud.user = "Alice"
	before, quiet := s.login(loud), s.login(alice)
	s.assertOK(s.get("/", cookie(before)), loud) // and is in memory
	s.assertOK(s.get("/", cookie(quiet)), alice)
	config := s.config
	config.realm = "user_case lower\ncache_ttl 1h"
	s.load(config)
	s.assertSTOP(s.get("/", cookie(before)))
	s.assertOK(s.get("/", cookie(quiet)), alice)
	var list []shown
	s.api("GET", "default/sessions", "", &list)
	assertEqual(t, "sessions", len(list), 1)
	s.assertOK(s.get("/", cookie(s.login(loud))), alice)
	// An id that is no UTF-8 is not made one that is.
	loud.user = "Al\xffice"
	s.page.answers(loud.loginPage())
	assertStatus(t, s.get("/login"), 502)
}
