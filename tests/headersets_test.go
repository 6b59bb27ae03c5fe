//go:build unix

package tests

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestGuard_HeaderSets(t *testing.T) {
	for option, set := range map[string]headerSet{
		"":                       remoteSet,
		"headers remote":         remoteSet,
		"headers x-auth-request": xAuthRequestSet,
		"headers x-forwarded":    xForwardedSet,
	} {
		t.Run(option, func(t *testing.T) {
			s := start(t, setup{site: guarded(option)})
			token := s.login(alice)
			lies := slices.Concat(mallory.lines(remoteSet), mallory.lines(set))
			assertStatus(t, s.get("/", append(lies, cookie(token))...), 200)
			assertLines(t, s.app.one(t), alice.lines(set))
			s.assertSTOP(s.get("/", lies...))
		})
	}
}

func TestGuard_HeadersNoneStillStripsTheSetRemote(t *testing.T) {
	s := start(t, setup{site: guarded("headers none")})
	token := s.login(alice)
	assertStatus(t, s.get("/", append(mallory.lines(remoteSet), cookie(token))...), 200)
	assertANON(t, s.app.one(t))
}

func TestGuard_AHeaderMoreOrAnotherValue(t *testing.T) {
	s := start(t, setup{site: guarded(
		`header X-Id {http.session.id}`,
		`header X-Both "{http.session.user} <{http.session.claims.email}>"`,
		`header Remote-Name {http.session.user}`,
		`header X-Method {http.request.method}`,
		`header X-Constant constant`,
		`header X-Nothing {http.session.claims.shoe_size}`,
	)})
	token := s.login(alice)
	a := s.get("/", cookie(token), "X-Nothing: 43", "X-Id: x")
	assertStatus(t, a, 200)
	got := s.app.one(t)
	id := got.value("X-Id")
	if id == "" || strings.Contains(token, id) {
		t.Errorf("public id %q", id)
	}
	assertLines(t, got, []string{
		"Remote-User: alice", "Remote-Email: alice@example.com", "Remote-Name: alice", "Remote-Groups: admins,users",
		"X-Id: " + id, "X-Both: alice <alice@example.com>", "X-Method: GET", "X-Constant: constant",
	}, "X-Nothing")
	// A public id is no cookie.
	s.assertSTOP(s.get("/", cookie(id)))
}

func TestH6_Encodings(t *testing.T) {
	s := start(t, setup{site: guarded(
		"headers none",
		"header X-Utf8 {http.session.claims.name} utf8",
		"header X-Ascii {http.session.claims.name} ascii",
		"header X-Latin1 {http.session.claims.name} latin1",
		"header X-Percent {http.session.claims.name} percent",
		"header X-Base64url {http.session.claims.name} base64url",
		"header X-List {http.session.claims.groups} percent",
	)})
	for name, want := range map[string]struct{ ascii, latin1 bool }{
		"Alice":         {true, true},
		"Å. Ängström":   {false, true},
		"爱丽丝":           {false, false},
		"a%20b+c d/e=f": {true, true},
		"100%":          {true, true},
		"a~b_c-d.e*f":   {true, true},
	} {
		t.Run(name, func(t *testing.T) {
			token := s.become(identity{user: "alice", name: name, groups: []string{"a,b", "c d"}})
			assertStatus(t, s.get("/", cookie(token)), 200)
			got := s.app.one(t)
			assertEqual(t, "utf8", got.value("X-Utf8"), name)
			if want.ascii {
				assertEqual(t, "ascii", got.value("X-Ascii"), name)
			} else {
				assertEqual(t, "ascii, left out", len(got.values("X-Ascii")), 0)
			}
			if want.latin1 {
				var bytes []byte
				for _, r := range name {
					bytes = append(bytes, byte(r))
				}
				assertEqual(t, "latin1", got.value("X-Latin1"), string(bytes))
			} else {
				assertEqual(t, "latin1, left out", len(got.values("X-Latin1")), 0)
			}
			decoded, err := url.PathUnescape(got.value("X-Percent"))
			assertEqual(t, "percent", fmt.Sprint(decoded, err), fmt.Sprint(name, nil))
			plain, err := base64.RawURLEncoding.DecodeString(got.value("X-Base64url"))
			assertEqual(t, "base64url", fmt.Sprint(string(plain), err), fmt.Sprint(name, nil))
			// The separator within an item is encoded, so that one group does not read as two.
			assertEqual(t, "list", got.value("X-List"), "a%2Cb,c%20d")
		})
	}
}

func TestH6_AUserThatAnEncodingCannotCarryFailsTheRequest(t *testing.T) {
	for _, encoding := range []string{"ascii", "latin1"} {
		s := start(t, setup{site: guarded("headers none", "header X-User {http.session.user} "+encoding)})
		token := s.become(identity{user: "爱丽丝"})
		a := s.get("/", cookie(token), "X-User: root")
		assertStatus(t, a, 502)
		s.assertRefusal(a)
	}
}

func TestGuard_Separator(t *testing.T) {
	for _, c := range []struct{ option, groups string }{
		{"separator |", "admins|users"},
		{"separator ;", "admins;users"},
		{`separator ", "`, "admins, users"},
		{"separator ::", "admins::users"},
	} {
		s := start(t, setup{site: guarded(c.option)})
		token := s.login(alice)
		assertStatus(t, s.get("/", cookie(token)), 200)
		assertEqual(t, c.option, s.app.one(t).value("Remote-Groups"), c.groups)
	}
}
