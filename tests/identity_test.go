//go:build unix

package tests

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

// identity is who somebody is, as an upstream should be told.
type identity struct {
	user, email, name string
	groups            []string
}

var (
	alice = identity{"alice", "alice@example.com", "Alice Adams", []string{"admins", "users"}}
	bob   = identity{user: "bob"} // of whom nothing else is known
	carol = identity{"carol", "carol@example.org", "Carol", []string{"users"}}
)

// headerSet names the headers for user, email, name and groups.
type headerSet [4]string

var (
	remoteSet       = headerSet{"Remote-User", "Remote-Email", "Remote-Name", "Remote-Groups"}
	xAuthRequestSet = headerSet{"X-Auth-Request-User", "X-Auth-Request-Email", "X-Auth-Request-Preferred-Username", "X-Auth-Request-Groups"}
	xForwardedSet   = headerSet{"X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Preferred-Username", "X-Forwarded-Groups"}
)

// lines are the header lines that tell an identity.
func (i identity) lines(set headerSet) (lines []string) {
	values := [4]string{i.user, i.email, i.name, strings.Join(i.groups, ",")}
	for n, value := range values {
		if value != "" {
			lines = append(lines, set[n]+": "+value)
		}
	}
	return lines
}

// loginPage is the answer of a login page that has recognized somebody.
func (i identity) loginPage() answerFunc { return reply(200, "welcome", i.lines(remoteSet)...) }

// becoming is the address of the test site that logs in as anybody.
func (i identity) becoming() string {
	query := url.Values{"user": {i.user}, "email": {i.email}, "name": {i.name}}
	for n, group := range i.groups {
		query.Set([]string{"group", "group2"}[n], group)
	}
	return "/become?" + query.Encode()
}

// fold writes a header name as CGI, PHP, WSGI and lighttpd see it.
func fold(name string) string {
	folded := []byte(strings.ToUpper(name))
	for i, c := range folded {
		if !('A' <= c && c <= 'Z' || '0' <= c && c <= '9') {
			folded[i] = '_'
		}
	}
	return string(folded)
}

// assertLines checks the headers and trailers of a request: those whose names
// fold to one of the set `remote`, or to one that is expected, or to one of
// further names, must be exactly the expected lines.
func assertLines(t testing.TB, r *message, want []string, further ...string) {
	t.Helper()
	managed := make(map[string]bool)
	for _, name := range slices.Concat(remoteSet[:], further) {
		managed[fold(name)] = true
	}
	for _, line := range want {
		managed[fold(nameOf(line))] = true
	}
	var got []string
	for _, line := range r.lines {
		if managed[fold(nameOf(line))] {
			got = append(got, line)
		}
	}
	slices.Sort(got)
	want = slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		t.Errorf("the upstream got %q, want %q, in\n%v", got, want, r)
	}
	for _, line := range r.trailer {
		if managed[fold(nameOf(line))] {
			t.Errorf("the upstream got the trailer %q", line)
		}
	}
	for _, line := range r.values("Trailer") {
		for name := range strings.SplitSeq(line, ",") {
			if managed[fold(strings.TrimSpace(name))] {
				t.Errorf("the upstream was told of the trailer %q", name)
			}
		}
	}
}

// assertID: the upstream got each managed header once, with the identity's
// value, and no other header or trailer whose name folds to a managed one.
func assertID(t testing.TB, r *message, who identity) {
	t.Helper()
	assertLines(t, r, who.lines(remoteSet))
}

// assertANON: the upstream got none at all.
func assertANON(t testing.TB, r *message) {
	t.Helper()
	assertLines(t, r, nil)
}

// assertSTOP: the answer is 401, and the upstream untouched.
func (s *server) assertSTOP(a *answer) {
	s.t.Helper()
	if a.status != 401 {
		s.t.Errorf("status %d, want 401:\n%v", a.status, a)
	}
	s.assertRefusal(a)
}

// assertRedirect: the answer leads to an address, and the upstream is untouched.
func (s *server) assertRedirect(a *answer, location string) {
	s.t.Helper()
	if a.status != 302 && a.status != 303 {
		s.t.Errorf("status %d, want 302 or 303:\n%v", a.status, a)
	}
	if got := a.value("Location"); got != location {
		s.t.Errorf("Location %q, want %q", got, location)
	}
	s.assertRefusal(a)
}

// assertDENY: 503 with Retry-After, no Set-Cookie, the upstream untouched.
func (s *server) assertDENY(a *answer) {
	s.t.Helper()
	if a.status != 503 || a.value("Retry-After") == "" {
		s.t.Errorf("status %d, Retry-After %q, want 503 with Retry-After:\n%v", a.status, a.value("Retry-After"), a)
	}
	s.assertRefusal(a)
}

// assertRefusal checks what all our own refusals have in common.
func (s *server) assertRefusal(a *answer) {
	s.t.Helper()
	if cookies := a.values("Set-Cookie"); cookies != nil {
		s.t.Errorf("a refusal set the cookies %q", cookies)
	}
	assertContains(s.t, a.value("Vary"), "Cookie")
	assertContains(s.t, a.value("Cache-Control"), "no-store")
	s.app.untouched(s.t)
}

// assertOK: the answer is 200, and the upstream was told who it is.
func (s *server) assertOK(a *answer, who identity) {
	s.t.Helper()
	if a.status != 200 {
		s.t.Fatalf("status %d, want 200:\n%v", a.status, a)
	}
	assertID(s.t, s.app.one(s.t), who)
}

// assertAnonymous: the answer is 200, and the upstream was told nothing.
func (s *server) assertAnonymous(a *answer) {
	s.t.Helper()
	if a.status != 200 {
		s.t.Fatalf("status %d, want 200:\n%v", a.status, a)
	}
	assertANON(s.t, s.app.one(s.t))
}

func assertContains(t testing.TB, text, part string) {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Errorf("%q does not contain %q", text, part)
	}
}

func assertStatus(t testing.TB, a *answer, want int) {
	t.Helper()
	if a.status != want {
		t.Errorf("status %d, want %d:\n%v", a.status, want, a)
	}
}

func assertEqual[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
