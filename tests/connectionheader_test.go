//go:build unix

package tests

import (
	"strings"
	"testing"
)

func TestH3_ConnectionCannotMakeTheProxyDropWhatWeSet(t *testing.T) {
	s := start(t, setup{})
	token := s.login(alice)
	cases := [][]string{
		{"Connection: Remote-User"},
		{"Connection: close, rEmOtE-uSeR"},
		{"Connection: keep-alive, remote-groups, Remote-Email,remote-name"},
		{"Connection: Remote-User,", "Connection: ,Remote-Groups"},
		{"Connection:\tremote-user\t,\tclose"},
		{"Connection: close,\t Remote-User \t, X-Other"},
		{"Connection: Upgrade, Remote-User", "Upgrade: foo/2"},
		{"connection: Remote-User", "CONNECTION: remote-name"},
		{"Connection: " + strings.Repeat("x,", 500) + "Remote-User"},
		{"Connection: Remote_User, Remote.User"},
		{"Connection: \"Remote-User\""},
		{"Proxy-Connection: Remote-User"},
		{"Keep-Alive: Remote-User", "Te: Remote-User"},
	}
	for _, lines := range cases {
		t.Run(strings.Join(lines, "|")[:min(60, len(strings.Join(lines, "|")))], func(t *testing.T) {
			s.assertOK(s.get("/", append(lines, cookie(token))...), alice)
			s.assertOK(s.get("/", append(lines, cookie(token), "X-Other: 1", "Remote-User: mallory")...), alice)
			s.assertAnonymous(s.get("/public", append(lines, "Remote-User: mallory")...))
		})
	}
	// What is listed besides still goes, as HTTP wants it.
	s.get("/", "Connection: Remote-User, X-Hop", "X-Hop: 1", cookie(token))
	assertEqual(t, "X-Hop", s.app.one(t).value("X-Hop"), "")
}

func TestH3_NorBeforeFastCGI(t *testing.T) {
	f := newFastCGI(t)
	s := start(t, setup{site: fastCGISite(f)})
	token := s.login(alice)
	assertStatus(t, s.get("/", "Connection: close, rEmOtE-uSeR, Remote-Groups", cookie(token)), 200)
	f.assertUser(t, alice)
}
