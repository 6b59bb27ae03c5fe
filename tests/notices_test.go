//go:build unix

package tests

import (
	"strings"
	"testing"
)

// noticed returns the entries at info with this message.
func (s *server) noticed(t *testing.T, message string) (entries []map[string]any) {
	t.Helper()
	for _, entry := range s.log.entries(t, "session") {
		if entry["msg"] == message && entry["level"] == "info" {
			entries = append(entries, entry)
		}
	}
	return entries
}

// "It does not work": whoever reads the log at its usual level sees each refusal,
// redirect and target that was not taken, with the reason and without a secret.
func TestNotices_WhatWasRefusedCanBeSeen(t *testing.T) {
	s := start(t, setup{site: strings.Replace(guarded("redirect /login"), "session_login\n", "session_login {\n\t\t\tredirect {query.return_to} /home\n\t\t}\n", 1)})
	// 1. A redirect and a refusal, with the session's status.
	s.get("/a?secret=hush-hush", "Accept: text/html", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document")
	s.get("/b?secret=hush-hush", cookie("junk"))
	assertEqual(t, "warnings of what anybody may send", s.logged("warn", "not of the kind"), 0)
	// 2. A target that is unsafe.
	s.page.answers(alice.loginPage())
	a := s.get("/login?return_to=https://me:hush-hush@evil.example/x%3Fsecret=hush-hush")
	assertEqual(t, "Location", a.value("Location"), "/home")
	// 3. A logout from elsewhere.
	s.post("/logout", "Origin: https://evil.example")
	for _, want := range []struct {
		message string
		fields  map[string]any
	}{
		{"a page was sent to log in", map[string]any{"why": "none", "path": "/a", "host": "app.test", "method": "GET", "status": 302.0, "realm": "default"}},
		{"a request was refused", map[string]any{"why": "no session: malformed", "path": "/b", "status": 401.0}},
		{"a target was not taken", map[string]any{"target": "https://...@evil.example/x...", "path": "/login"}},
		{"a request was refused", map[string]any{"why": "a logout from another origin", "path": "/logout", "status": 403.0}},
	} {
		found := false
		for _, entry := range s.noticed(t, want.message) {
			fits := true
			for name, value := range want.fields {
				fits = fits && entry[name] == value
			}
			found = found || fits
		}
		if !found {
			t.Errorf("no notice %q with %v in\n%s", want.message, want.fields, s.log)
		}
	}
	for line := range strings.Lines(s.log.String()) {
		if strings.Contains(line, `"logger":"session`) && strings.Contains(line, "hush-hush") {
			t.Errorf("a secret is in the log: %s", line)
		}
	}
}

func TestNotices_AFloodDoesNotFillTheLog(t *testing.T) {
	s := start(t, setup{})
	for range 200 {
		s.get("/", cookie("junk"))
	}
	if n := len(s.noticed(t, "a request was refused")); n < 20 || n > 60 { // a minute may end meanwhile
		t.Errorf("%d notices of 200 refusals", n)
	}
}
