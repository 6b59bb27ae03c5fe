//go:build unix

package tests

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

func TestH6_AnUnsendableUserNeverGetsASession(t *testing.T) {
	s := start(t, setup{})
	bad := map[string]string{
		"CR": "al\rice", "LF": "al\nice", "CRLF and a header": "alice\r\nRemote-Groups: admins", "NUL": "al\x00ice",
		"tab": "al\tice", "bell": "al\aice", "delete": "al\x7fice", "C1 control": "al\u0085ice",
		"zero width space": "al\u200bice", "right-to-left override": "al\u202eice", "byte order mark": "\ufeffalice", "soft hyphen": "al\u00adice",
		"space before": " alice", "space after": "alice ", "no-break space after": "alice\u00a0", "ideographic space before": "\u3000alice",
		"invalid UTF-8": "al\xffice", "surrogate": "al\xed\xa0\x80ice", "overlong": "al\xc0\xafice",
		"256 bytes": strings.Repeat("a", 256),
	}
	db := s.database()
	for name, user := range bad {
		t.Run(name, func(t *testing.T) {
			a := s.get("/become?user=" + url.QueryEscape(user))
			s.assertLoginRefused(t, a)
			assertEqual(t, "rows", rows(t, db), 0)
		})
	}
	// The longest that is allowed, and what only looks odd.
	for _, user := range []string{strings.Repeat("a", 255), "a b", "aʼlice", "Ålice", "爱丽丝", "alice@example.com", "DOMAIN\\alice", "a,b", "'; DROP TABLE x"} {
		token := s.become(identity{user: user})
		s.assertOK(s.get("/", cookie(token)), identity{user: user})
	}
}

// assertLoginRefused: 502, and nothing that a login would change.
func (s *server) assertLoginRefused(t testing.TB, a *answer) {
	t.Helper()
	assertStatus(t, a, 502)
	if cookies := a.values("Set-Cookie"); cookies != nil {
		t.Errorf("a refused login set %q", cookies)
	}
	assertContains(t, a.value("Cache-Control"), "no-store")
}

func TestH6_AnUnsendableClaimNeverGetsASession(t *testing.T) {
	s := start(t, setup{})
	for name, query := range map[string]string{
		"LF in an email":        "email=a%0ab",
		"control in a group":    "group=a&group2=b%01",
		"space around a name":   "name=Alice%20",
		"format in a name":      "name=Al%E2%80%8Bice",
		"claims over 16 KiB":    "name=" + strings.Repeat("n", 16385),
		"many claims, together": "name=" + strings.Repeat("n", 8000) + "&email=" + strings.Repeat("e", 8500),
	} {
		t.Run(name, func(t *testing.T) {
			s.assertLoginRefused(t, s.get("/become?user=alice&"+query))
			assertEqual(t, "rows", rows(t, s.database()), 0)
		})
	}
}

// A claim that is no UTF-8 says nothing that anybody could know: it is left out.
func TestH6_AClaimThatIsNoUTF8IsLeftOutOfALogin(t *testing.T) {
	s := start(t, setup{})
	token := s.newToken(s.get("/become?user=alice&email=%ff&name=Alice&group=a"))
	s.assertOK(s.get("/", cookie(token)), identity{user: "alice", name: "Alice", groups: []string{"a"}})
	s.page.answers(reply(200, "in", "Remote-User: alice", "Remote-Name: J\xfcrgen", "Remote-Email: j@example.com", "Remote-Groups: a,b\xff"))
	token = s.newToken(s.get("/login"))
	s.assertOK(s.get("/", cookie(token)), identity{user: "alice", email: "j@example.com"})
}

func TestH6_ALoginPageThatSaysSomethingUnsendableIsRefused(t *testing.T) {
	s := start(t, setup{})
	for name, lines := range map[string][]string{
		"invalid UTF-8":         {"Remote-User: al\xffice"},
		"format in a group":     {"Remote-User: alice", "Remote-Groups: a,b\u200b"},
		"claims over the limit": {"Remote-User: alice", "Remote-Name: " + strings.Repeat("n", 16385)},
		"a user over the limit": {"Remote-User: " + strings.Repeat("a", 256)},
		"two different users":   {"Remote-User: alice", "Remote-User: bob"},
		"two different names":   {"Remote-User: alice", "Remote-Name: A", "Remote-Name: B"},
		"two lists of groups":   {"Remote-User: alice", "Remote-Groups: a", "Remote-Groups: b"},
	} {
		t.Run(name, func(t *testing.T) {
			s.page.answers(reply(200, "secret page", lines...))
			a := s.get("/login")
			s.assertLoginRefused(t, a)
			if strings.Contains(a.body, "secret page") {
				t.Error("the refused answer's body went out")
			}
			assertEqual(t, "rows", rows(t, s.database()), 0)
		})
	}
}

func TestH6_AnUnsendableRowFailsItsOwnRequestsOnly(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 0"})
	db := s.database()
	token, other := s.login(alice), s.become(carol)
	for _, user := range []string{"al\nice", "alice\r\nX: y", "al\x00ice", " alice", "alice ", "al\u200bice", "al\xffice", ""} {
		t.Run(fmt.Sprintf("%q", user), func(t *testing.T) {
			// 1. Somebody has written a bad row.
			execute(t, db, "UPDATE "+table+" SET user_id = CAST(? AS BLOB) WHERE user_id <> 'carol'", []byte(user))
			execute(t, db, "UPDATE "+table+" SET user_id = CAST(user_id AS TEXT)")
			// 2. Nothing of it goes upstream, and nobody is logged out by it.
			a := s.get("/", cookie(token))
			if user != "" || a.status != 401 { // an empty user is nobody
				assertStatus(t, a, 502)
			}
			s.assertRefusal(a)
			// 3. Others do not notice.
			s.assertOK(s.get("/", cookie(other)), carol)
		})
	}
	if entries := s.log.entries(t, "session"); len(entries) == 0 {
		t.Error("nothing in the log under the name session")
	}
}

func TestH6_AnItemWithTheSeparatorFailsThatGuardOnly(t *testing.T) {
	s := start(t, setup{site: `
		handle /login {
			session_login {
				user alice
				claim groups users a,admins
			}
			respond "welcome"
		}
		handle /semicolon {
			session {
				separator ;
			}
			reverse_proxy {app}
		}
		handle /none {
			session {
				headers none
				header X-User {http.session.user}
			}
			reverse_proxy {app}
		}
		handle {
			session
			reverse_proxy {app}
		}`})
	token := s.newToken(s.get("/login"))
	a := s.get("/", cookie(token))
	assertStatus(t, a, 502)
	s.app.untouched(t)
	assertStatus(t, s.get("/semicolon", cookie(token)), 200)
	assertLines(t, s.app.one(t), []string{"Remote-User: alice", "Remote-Groups: users;a,admins"})
	assertStatus(t, s.get("/none", cookie(token)), 200)
	assertLines(t, s.app.one(t), []string{"X-User: alice"})
}

func TestH6_EmptyIsAbsentAndAnEmptyUserIsNobody(t *testing.T) {
	s := start(t, setup{})
	// 1. With `user`, nobody is an error of whoever should have known them.
	a := s.get("/become?email=a@b")
	assertStatus(t, a, 401)
	assertEqual(t, "cookies", len(a.values("Set-Cookie")), 0)
	// 2. A login page that names nobody has not logged anybody in.
	for _, lines := range [][]string{{"Remote-User: "}, {"Remote-Email: alice@example.com"}, nil} {
		s.page.answers(reply(200, "try again", lines...))
		a := s.get("/login")
		assertStatus(t, a, 200)
		assertEqual(t, "body", a.body, "try again")
		assertEqual(t, "cookies", len(a.values("Set-Cookie")), 0)
		assertANON(t, &a.message)
	}
	assertEqual(t, "rows", rows(t, s.database()), 0)
	// 3. An empty claim is an absent one.
	s.page.answers(reply(200, "", "Remote-User: dora", "Remote-Email: ", "Remote-Groups: "))
	token := s.newToken(s.get("/login"))
	s.assertOK(s.get("/", cookie(token), "Remote-Email: x"), identity{user: "dora"})
}

func TestH7_AUserNamedLikeAPlaceholderArrivesLiterally(t *testing.T) {
	s := start(t, setup{site: guarded("header X-Twice {http.session.user}/{http.session.claims.email}")})
	for _, user := range []string{"{env.HOME}", "{http.request.header.X}", "{http.session.claims.groups}", "{http.session.user}", "$HOME", "%{REMOTE_USER}", "{{.User}}", "a{", "}b", `\{env.HOME\}`} {
		who := identity{user: user, email: user}
		token := s.become(who)
		assertStatus(t, s.get("/", cookie(token), "X: expanded"), 200)
		assertLines(t, s.app.one(t), append(who.lines(remoteSet), "X-Twice: "+user+"/"+user))
	}
}
