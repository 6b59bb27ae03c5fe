//go:build unix

package tests

import (
	"net"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

func TestLogin_AFinalAnswerOf2xxOr3xxLogsIn(t *testing.T) {
	s := start(t, setup{})
	for _, status := range []int{200, 201, 202, 204, 206, 301, 302, 303, 304, 307, 399} {
		s.page.answers(reply(status, "", append(alice.lines(remoteSet), "Location: /their/own", "X-Theirs: 1")...))
		a := s.get("/login")
		assertStatus(t, a, status)
		token := s.newToken(a)
		// Without `redirect` the answer goes out as it is, but for our names.
		assertEqual(t, "Location", a.value("Location"), "/their/own")
		assertEqual(t, "X-Theirs", a.value("X-Theirs"), "1")
		assertANON(t, &a.message)
		s.assertOK(s.get("/", cookie(token)), alice)
	}
	for _, status := range []int{400, 401, 403, 404, 409, 422, 500, 502, 503} {
		s.page.answers(reply(status, "no", alice.lines(remoteSet)...))
		a := s.get("/login")
		assertStatus(t, a, status)
		assertEqual(t, "cookies", a.value("Set-Cookie"), "")
		assertEqual(t, "body", a.body, "no")
		assertANON(t, &a.message)
	}
}

func TestLogin_WithRedirectTheAnswerIsReplacedBy303(t *testing.T) {
	s := start(t, setup{site: `
		handle /login {
			session_login {
				redirect {query.return_to} /home
			}
			reverse_proxy {page}
		}
		handle {
			session
			reverse_proxy {app}
		}`})
	for _, c := range []struct {
		method, target string
		status         int
		location       string
	}{
		{"GET", "/login", 200, "/home"},
		{"POST", "/login?return_to=/a%3Fb", 200, "/a?b"},
		{"POST", "/login?return_to=//evil.example", 302, "/home"},
		{"GET", "/login?return_to=/x", 204, "/x"},
	} {
		s.page.answers(reply(c.status, "their page", append(alice.lines(remoteSet), "Location: /theirs", "Content-Type: text/html", "Etag: x", "Set-Cookie: theirs=1")...))
		if c.status == 204 {
			s.page.answers(reply(c.status, "", alice.lines(remoteSet)...))
		}
		a := s.raw(requestWithBody(c.method, c.target, ""))
		assertStatus(t, a, 303)
		assertEqual(t, "Location", strings.Join(a.values("Location"), " "), c.location)
		if strings.Contains(a.body, "their page") {
			t.Errorf("the replaced answer's body went out: %q", a.body)
		}
		assertANON(t, &a.message)
		s.assertOK(s.get("/", cookie(s.newToken(a))), alice)
	}
	// Where nobody is logged in, nothing is replaced.
	s.page.answers(reply(200, "form", "Content-Type: text/html"))
	a := s.get("/login?return_to=/x")
	assertStatus(t, a, 200)
	assertEqual(t, "body", a.body, "form")
	s.page.answers(reply(401, "wrong password", alice.lines(remoteSet)...))
	a = s.get("/login")
	assertStatus(t, a, 401)
	assertEqual(t, "body", a.body, "wrong password")
}

func TestLogin_ListsAreSplit(t *testing.T) {
	s := start(t, setup{site: guarded("separator ;")})
	for groups, want := range map[string]string{
		"a":       "a",
		"a,b":     "a;b",
		"a, b ,c": "a;b;c",
		"a,,b,":   "a;b",
		"a b,c":   "a b;c",
		`"a,b",c`: `"a;b";c`,
	} {
		s.page.answers(reply(200, "", "Remote-User: alice", "Remote-Groups: "+groups))
		token := s.newToken(s.get("/login"))
		assertStatus(t, s.get("/", cookie(token)), 200)
		assertEqual(t, groups, s.app.one(t).value("Remote-Groups"), want)
	}
}

func TestLogin_OtherHandOffNames(t *testing.T) {
	for option, set := range map[string]headerSet{"x-auth-request": xAuthRequestSet, "x-forwarded": xForwardedSet, "remote": remoteSet} {
		t.Run(option, func(t *testing.T) {
			s := start(t, setup{site: `
				handle /login {
					session_login {
						headers ` + option + `
					}
					reverse_proxy {page}
				}
				handle {
					session
					reverse_proxy {app}
				}`})
			s.page.answers(reply(200, "", alice.lines(set)...))
			a := s.get("/login")
			assertLines(t, &a.message, nil, set[:]...)
			s.assertOK(s.get("/", cookie(s.newToken(a))), alice)
			if option == "remote" {
				return
			}
			// The set `remote` tells nothing then, and does not go out either.
			s.page.answers(reply(200, "", alice.lines(remoteSet)...))
			a = s.get("/login")
			assertEqual(t, "cookies", a.value("Set-Cookie"), "")
			assertANON(t, &a.message)
		})
	}
}

func TestH1_Login_TheLoginPageIsToldNothingByTheClient(t *testing.T) {
	s := start(t, setup{})
	// A page that trusts Remote-User itself, or echoes headers, must not log mallory in.
	s.page.answers(func(c net.Conn, r *message) {
		var echoed []string
		for _, line := range r.lines {
			if strings.HasPrefix(fold(line), "REMOTE") {
				echoed = append(echoed, line)
			}
		}
		reply(200, "form", echoed...)(c, r)
	})
	token := s.become(carol)
	for _, lines := range [][]string{mallory.lines(remoteSet), append(mallory.lines(remoteSet), cookie(token)), {"Remote~User: mallory"}} {
		a := s.get("/login", lines...)
		assertStatus(t, a, 200)
		assertEqual(t, "cookies", a.value("Set-Cookie"), "")
		got := s.page.one(t)
		assertANON(t, got)
		assertEqual(t, "cookies upstream", got.value("Cookie"), "")
	}
}

func TestLogin_WithUserBehindBasicAuth(t *testing.T) {
	hash, err := bcrypt.GenerateFromPassword([]byte("hush-hush"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, setup{site: `
		handle /login {
			session_login {
				user {http.auth.user.id}
				claim groups staff users
				claim name "Basic {http.auth.user.id}"
				redirect {query.return_to}
			}
			basic_auth {
				alice ` + string(hash) + `
			}
			respond "not reached"
		}
		handle /open {
			session_login {
				user {http.auth.user.id}
			}
			respond "in"
		}
		handle {
			session
			reverse_proxy {app}
		}`})
	// 1. Without a password it is basic_auth's answer.
	a := s.get("/login")
	assertStatus(t, a, 401)
	assertContains(t, a.value("Www-Authenticate"), "Basic")
	assertEqual(t, "cookies", a.value("Set-Cookie"), "")
	// 2. With it a session starts at once, though the directives are written in another order.
	a = s.get("/login?return_to=/x", "Authorization: Basic YWxpY2U6aHVzaC1odXNo")
	assertStatus(t, a, 303)
	assertEqual(t, "Location", a.value("Location"), "/x")
	assertEqual(t, "body", a.body, "")
	token := s.newToken(a)
	s.assertOK(s.get("/", cookie(token)), identity{"alice", "", "Basic alice", []string{"staff", "users"}})
	// 3. Where nobody has authenticated anybody, `user` is nobody.
	a = s.get("/open", mallory.lines(remoteSet)...)
	assertStatus(t, a, 401)
	assertEqual(t, "cookies", a.value("Set-Cookie"), "")
}

func TestLogin_AGuardBehindSeesTheNewSession(t *testing.T) {
	s := start(t, setup{site: `
		route {
			session_login {
				user alice
			}
			session
			reverse_proxy {app}
		}`})
	a := s.get("/")
	assertStatus(t, a, 200)
	s.newToken(a)
	// Whether the guard knows it at once or not, it never tells the client's lies.
	for _, r := range s.app.take() {
		assertID(t, r, identity{user: "alice"})
	}
}

func TestF1_Login_WithTheStoreDownNothingStarts(t *testing.T) {
	s := start(t, setup{})
	token := s.login(alice)
	repair := breakQueries(t, s.database())
	s.page.answers(reply(200, "secret page", alice.lines(remoteSet)...))
	for _, text := range []string{
		request("GET", "/login"),
		request("GET", "/login", cookie(token)),
		request("GET", alice.becoming()),
		requestWithBody("POST", "/logout", "", cookie(token)),
	} {
		a := s.raw(text)
		assertStatus(t, a, 503)
		if a.value("Retry-After") == "" {
			t.Error("no Retry-After")
		}
		assertEqual(t, "cookies", a.value("Set-Cookie"), "")
		if strings.Contains(a.body, "secret page") {
			t.Error("the login page's answer went out")
		}
		assertANON(t, &a.message)
	}
	repair()
	s.assertOK(s.get("/", cookie(token)), alice)
	s.login(alice)
}

func TestLogin_TheSessionRemembersWhoCame(t *testing.T) {
	s := start(t, setup{})
	s.login(alice, "User-Agent: Browser/1.0")
	db := s.database()
	agents := texts(t, db, "SELECT user_agent FROM "+table)
	assertEqual(t, "user agent", strings.Join(agents, "|"), "Browser/1.0")
	// However long or odd it is, it is no reason to refuse somebody.
	s.login(carol, "User-Agent: "+strings.Repeat("\xff\u202e", 4000))
	s.login(bob)
	assertEqual(t, "rows", rows(t, db), 3)
}

// Lists come as a|b, as names with commas, and as many of which few matter.
func TestD5_ListsAreSplitAndKeptAsTheLoginSays(t *testing.T) {
	s := start(t, setup{site: guarded("separator |") + `
		handle /ldap {
			session_login {
				separator |
				keep groups cn=admins,* staff
				keep name A*
			}
			reverse_proxy {page}
		}`})
	for groups, want := range map[string][]string{
		"cn=admins,dc=example | cn=users,dc=example|staff|staffing": {"cn=admins,dc=example", "staff"},
		"nothing|of|interest": nil, "cn=admins,": {"cn=admins,"},
	} {
		s.page.answers(reply(200, "in", "Remote-User: alice", "Remote-Name: Alice", "Remote-Groups: "+groups))
		token := s.newToken(s.get("/ldap"))
		assertStatus(t, s.get("/", cookie(token)), 200)
		got := s.app.one(t)
		assertEqual(t, groups, got.value("Remote-Groups"), strings.Join(want, "|"))
		assertEqual(t, "name", got.value("Remote-Name"), "Alice")
	}
	s.page.answers(reply(200, "in", "Remote-User: bob", "Remote-Name: Bob"))
	token := s.newToken(s.get("/ldap"))
	s.assertOK(s.get("/", cookie(token)), bob)
}

// However odd a page answers, that is its answer; and 101 logs nobody in.
func TestLogin_APageMayAnswerOddly(t *testing.T) {
	s := start(t, setup{site: `
		handle /silent {
			session_login
			odd_page silent
		}
		handle /on {
			session_login
			odd_page on
		}
		handle /switch {
			session_login
			odd_page 101
		}`})
	for target, want := range map[string]struct {
		status int
		body   string
	}{"/silent": {200, ""}, "/on": {200, "who are you?"}} {
		a := s.get(target)
		assertStatus(t, a, want.status)
		assertEqual(t, target, a.body, want.body)
	}
	c := s.dial(t)
	c.send(t, request("GET", "/switch"))
	a, err := c.readHeader()
	if err != nil {
		t.Fatal(err)
	}
	assertStatus(t, a, 101)
	assertEqual(t, "Set-Cookie", a.value("Set-Cookie"), "")
	assertEqual(t, "rows", rows(t, s.database()), 0)
}
