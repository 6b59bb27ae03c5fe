//go:build unix

package tests

import (
	"strings"
	"testing"
)

func TestMatcher_GoesByWhatTheGuardFound(t *testing.T) {
	s := start(t, setup{site: `
		handle /login {
			session_login
			reverse_proxy {page}
		}
		handle /unguarded {
			@in session groups admins
			respond @in "in" 200
			respond "out" 200
		}
		handle /stripped {
			@in session groups admins
			route {
				session {
					strip_only
				}
				respond @in "in" 200
				respond "out" 200
			}
		}
		handle {
			@admins session groups admins wheel
			@carol session user carol
			@anybody session
			@both {
				session groups users
				session email alice@example.com
			}
			@cel expression ` + "`session('groups', 'admins') && !session('user', 'bob')`" + `
			@any expression ` + "`session('groups', 'x', 'users')`" + `
			route {
				session {
					optional
				}
				header @admins +X-Is admins
				header @carol +X-Is carol
				header @both +X-Is both
				header @anybody +X-Is anybody
				header @cel +X-Is cel
				header @any +X-Is any
				respond "ok"
			}
		}
	`})
	s.page.answers(alice.loginPage())
	for _, c := range []struct {
		who  string
		line string
		want string
	}{
		{"alice", cookie(s.login(alice)), "admins both anybody cel any"},
		{"carol", cookie(s.login(carol)), "carol anybody any"},
		{"bob", cookie(s.login(bob)), "anybody"},
		{"nobody", "A: b", ""},
		{"a liar", "Remote-Groups: admins", ""},
	} {
		t.Run(c.who, func(t *testing.T) {
			a := s.get("/test", c.line)
			assertStatus(t, a, 200)
			assertEqual(t, "matchers", strings.Join(a.values("X-Is"), " "), c.want)
			// Before a guard has asked nothing matches.
			assertEqual(t, "unguarded", s.get("/unguarded", c.line).body, "out")
			assertEqual(t, "stripped", s.get("/stripped", c.line).body, "out")
		})
	}
}
