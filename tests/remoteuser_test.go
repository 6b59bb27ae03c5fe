//go:build unix

package tests

import (
	"strings"
	"testing"
)

func fastCGISite(f *fastCGI) string {
	return `
		handle /login {
			session_login
			reverse_proxy {page}
		}
		handle /public {
			session {
				optional
			}
			reverse_proxy ` + f.address + ` {
				transport fastcgi
			}
		}
		handle {
			session
			reverse_proxy ` + f.address + ` {
				transport fastcgi
			}
		}`
}

// assertUser: the one request's parameters agree on who it is, once each.
func (f *fastCGI) assertUser(t testing.TB, who identity) {
	t.Helper()
	received := f.take()
	if len(received) != 1 {
		t.Fatalf("%d requests, want 1", len(received))
	}
	got := make(map[string][]string)
	for _, p := range received[0] {
		got[fold(p.name)] = append(got[fold(p.name)], p.value)
	}
	want := map[string]string{"REMOTE_USER": who.user}
	for _, name := range remoteSet {
		want["HTTP_"+fold(name)] = ""
	}
	for _, line := range who.lines(remoteSet) {
		name, value, _ := strings.Cut(line, ": ")
		want["HTTP_"+fold(name)] = value
	}
	for name, value := range want {
		if values := got[name]; strings.Join(values, "|") != value || len(values) > 1 {
			t.Errorf("%s is %q, want %q", name, values, value)
		}
	}
}

func TestH9_FastCGIIsToldTheSameTwice(t *testing.T) {
	f := newFastCGI(t)
	s := start(t, setup{site: fastCGISite(f)})
	token := s.login(alice)
	var lies []string
	for _, c := range "!#$%&'*+^`|~" {
		lies = append(lies, "Remote"+string(c)+"User: mallory", "rEMOTE"+string(c)+"Groups: wheel")
	}
	lies = append(lies, "Remote-User: mallory", "Connection: Remote-User")
	for range 200 {
		assertStatus(t, s.get("/index.php", append(lies, cookie(token))...), 200)
		f.assertUser(t, alice)
	}
	for range 20 {
		assertStatus(t, s.get("/public", lies...), 200)
		f.assertUser(t, identity{})
	}
}
