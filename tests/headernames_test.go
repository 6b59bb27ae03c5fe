//go:build unix

package tests

import (
	"slices"
	"strings"
	"testing"
)

// tokenCharacters are what a header name may hold besides letters and digits.
const tokenCharacters = "!#$%&'*+-.^_`|~"

// spellings are names that some backend folds onto name.
func spellings(name string) []string {
	names := []string{name, strings.ToLower(name), strings.ToUpper(name), strings.ToLower(name[:2]) + strings.ToUpper(name[2:])}
	for _, c := range tokenCharacters {
		names = append(names, strings.ReplaceAll(name, "-", string(c)))
	}
	return names
}

func TestH1_NoSpellingOfAManagedNameGetsPast(t *testing.T) {
	// Caddy itself drops names with `_` and `.` unless an operator wants them.
	for _, global := range []string{"", `servers {
		expected_underscore_headers Remote_User Remote_Groups
		expected_dot_headers Remote.Email Remote.Name
	}`} {
		noSpellingGetsPast(t, start(t, setup{global: global}))
	}
}

func noSpellingGetsPast(t *testing.T, s *server) {
	token := s.login(alice)
	var forged []string
	for _, name := range remoteSet {
		for _, spelling := range spellings(name) {
			forged = append(forged, spelling+": mallory")
		}
	}
	for _, line := range forged {
		// 1. Somebody without a session says that they are mallory.
		s.assertAnonymous(s.get("/public", line))
		// 2. Alice's browser says so, once and twice.
		s.assertOK(s.get("/", line, cookie(token)), alice)
		s.assertOK(s.get("/", line, cookie(token), line), alice)
	}
	// 3. All at once, before and after the cookie.
	s.assertOK(s.get("/", slices.Concat(forged, []string{cookie(token)}, forged)...), alice)
}

func TestH1_OtherPeoplesHeadersStay(t *testing.T) {
	s := start(t, setup{global: `servers {
		expected_underscore_headers X_Other Remote_Users
	}`})
	token := s.login(alice)
	others := []string{"Remote-User-X: 1", "Auth-User: 2", "Remote_Users: 3", "XRemote-User: 4", "RemoteUser: 5", "X_Other: 6", "X-Forwarded-User: 7"}
	s.assertOK(s.get("/", append(others, cookie(token))...), alice)
	s.assertAnonymous(s.get("/public", others...))
	a := s.get("/public", others...)
	assertStatus(t, a, 200)
	got := s.app.one(t)
	for _, line := range others {
		name, value, _ := strings.Cut(line, ": ")
		assertEqual(t, name, got.value(name), value)
	}
}

func TestH1_AnotherPluginWritesAKeyThatIsNotCanonical(t *testing.T) {
	for _, name := range []string{"remote-user", "REMOTE_USER", "Remote.Groups", "remote~email"} {
		s := start(t, setup{site: "raw_header " + name + " mallory\n" + guarded()})
		token := s.login(alice)
		s.assertOK(s.get("/", cookie(token)), alice)
		s.assertAnonymous(s.get("/public"))
	}
}

func TestH1_ConfiguredNamesAreManagedLikeTheSet(t *testing.T) {
	s := start(t, setup{site: guarded("header X-Legacy-Login {http.session.user}")})
	token := s.login(alice)
	for _, spelling := range spellings("X-Legacy-Login") {
		s.get("/", spelling+": mallory", cookie(token))
		assertLines(t, s.app.one(t), append(alice.lines(remoteSet), "X-Legacy-Login: alice"))
	}
}

func TestH2_AHeaderIsRemovedAlthoughThereIsNoValueForIt(t *testing.T) {
	s := start(t, setup{})
	lies := mallory.lines(remoteSet)
	// 1. Bob has no groups. He claims some.
	token := s.become(bob)
	s.assertOK(s.get("/", append(lies, cookie(token))...), bob)
	// 2. On an optional route, too, and without any session there.
	s.assertOK(s.get("/public", append(lies, cookie(token))...), bob)
	s.assertAnonymous(s.get("/public", lies...))
	// 3. Where a session is needed there is no way in.
	s.assertSTOP(s.get("/", lies...))
}

var mallory = identity{"mallory", "mallory@evil.example", "Mallory", []string{"admins", "wheel"}}

func TestH10_NamesThatFoldAlikeAreAConfigurationError(t *testing.T) {
	for _, options := range [][]string{
		{"header X-Login {http.session.user}", "header X_Login {http.session.user}"},
		{"header X-Login {http.session.user}", "header x~login {http.session.claims.email}"},
		{"header Remote_User {http.session.user}"},
		{"headers x-auth-request", "header X_Auth_Request_User {http.session.user}"},
		{"headers none", "header Remote.User {http.session.user}"},
	} {
		s := newServer(t, setup{})
		err := s.tryLoad(setup{site: guarded(options...)})
		if err == nil {
			t.Errorf("%q: no error", options)
			stopCaddy(s)
			continue
		}
		name := strings.Fields(options[len(options)-1])[1]
		if !strings.Contains(fold(err.Error()), fold(name)) {
			t.Errorf("%q: the error does not name the header: %v", options, err)
		}
	}
}
