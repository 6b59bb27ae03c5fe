//go:build unix

package tests

import (
	"strings"
	"testing"
)

func TestH5_WithTheStoreDownTheErrorRouteLearnsNothing(t *testing.T) {
	s := start(t, setup{
		store: "postgres://nobody:hush@127.0.0.1:1/none?sslmode=disable",
		site:  guarded() + errorRoute,
	})
	s.secret("hush")
	anyToken := strings.Repeat("A", 64)
	a := s.get("/", append(mallory.lines(remoteSet), cookie(anyToken), "Remote_User: x", "Connection: Remote-User")...)
	assertStatus(t, a, 200)
	got := s.app.one(t)
	assertEqual(t, "X-Error", got.value("X-Error"), "503")
	assertANON(t, got)
}

const errorRoute = `
	handle_errors {
		reverse_proxy {app} {
			header_up X-Error {err.status_code}
		}
	}
`

func TestH5_AfterAnErrorOurOwnHeadersAreGoneToo(t *testing.T) {
	s := start(t, setup{site: `
		handle /login {
			session_login
			reverse_proxy {page}
		}
		handle {
			session
			reverse_proxy unix/{dir}/nobody-listens
		}` + errorRoute})
	token := s.login(alice)
	// The guard lets Alice through, and the upstream is dead.
	a := s.get("/", cookie(token), "Remote-User: mallory")
	assertStatus(t, a, 200)
	got := s.app.one(t)
	assertEqual(t, "X-Error", got.value("X-Error"), "502")
	assertANON(t, got)
}
