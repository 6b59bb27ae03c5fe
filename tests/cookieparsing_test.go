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

// statusSite tells the upstream why there is a session or none.
var statusSite = guarded("header X-Dummy {http.session.id}") + `
	handle_errors {
		header X-Status {http.session.status}
		respond "{err.status_code}" {err.status_code}
	}
`

// assertStatusIs: without a query, nobody is let in, for this reason.
func (s *server) assertStatusIs(t testing.TB, a *answer, status string) {
	t.Helper()
	assertStatus(t, a, 401)
	assertEqual(t, "status", a.value("X-Status"), status)
	s.app.untouched(t)
}

// besides are the ways in which a request may carry another cookie of the same name.
func besides(ours, theirs string) [][]string {
	return [][]string{
		{"Cookie: " + ours + "; " + theirs},
		{"Cookie: " + theirs + "; " + ours},
		{"Cookie: " + ours + ";" + theirs},
		{"Cookie: " + ours, "Cookie: " + theirs},
		{"Cookie: a=b; " + theirs, "cookie: c=d; " + ours + "; e=f"},
		{"Cookie: " + ours + "; " + ours + "; x=y; " + theirs},
	}
}

func TestC1_TwoDifferentValuesAreNobody(t *testing.T) {
	s := start(t, setup{site: statusSite, realm: "cache_ttl 0"})
	token, other := s.login(alice), s.login(carol)
	ours := cookieName + "=" + token
	repair := breakQueries(t, s.database())
	// A query would answer 503 now.
	assertStatus(t, s.get("/", "Cookie: "+ours), 503)
	for _, lines := range besides(ours, cookieName+"="+other) {
		s.assertStatusIs(t, s.get("/", lines...), "ambiguous")
		assertStatus(t, s.get("/public", append(lines, "Remote-User: mallory")...), 200)
		got := s.app.one(t)
		assertANON(t, got)
		if strings.Contains(got.value("Cookie"), "session") {
			t.Errorf("a session cookie went upstream: %q", got.value("Cookie"))
		}
	}
	repair()
	// Equal duplicates are one.
	s.assertOK(s.get("/", "Cookie: "+ours+"; "+ours), alice)
	s.assertOK(s.get("/", "Cookie: "+ours, "Cookie: "+ours+"; a=b; "+ours), alice)
}

func TestC1_ValuesOfAnothersMakingDoNotCount(t *testing.T) {
	s := start(t, setup{site: statusSite, global: "servers {\n max_header_size 1MB\n}\nsession staging {\n store sqlite:{dir}/staging.db\n cookie __Host-session\n}", sites: `http://staging.test {
		bind unix/{socket}
		handle /become {
			session_login staging {
				user alice
			}
			respond ok
		}
	}`})
	staging := s.newToken(s.raw(strings.Replace(request("GET", "/become"), "app.test", "staging.test", 1)))
	token := s.login(alice)
	for _, junk := range []string{"", "x", token + "A", token[1:], forged(token), `"` + token + `"`, staging} {
		for _, lines := range besides(cookieName+"="+token, cookieName+"="+junk) {
			assertStatus(t, s.get("/", lines...), 200)
			got := s.app.one(t)
			assertID(t, got, alice)
			if strings.Contains(got.value("Cookie"), "session") {
				t.Errorf("a session cookie went upstream: %q", got.value("Cookie"))
			}
		}
	}
	// A logout behind any number of them ends the real one, and so does a login.
	crowd := ""
	for i := range 2000 {
		crowd += fmt.Sprintf("%s=junk%d; %s=%s; ", cookieName, i, cookieName, forgedBy(token, i))
	}
	for what, end := range map[string]func(line string){
		"a logout": func(line string) { assertStatus(t, s.post("/logout", line, "Sec-Fetch-Site: same-origin"), 303) },
		"a login":  func(line string) { s.newToken(s.get(carol.becoming(), line)) },
	} {
		token := s.login(alice)
		end("Cookie: " + crowd + cookieName + "=" + token + "; " + cookieName + "=more")
		if a := s.get("/", cookie(token)); a.status != 401 {
			t.Errorf("%s behind a crowd has left the session alive", what)
		}
	}
}

// forgedBy is one of many forged tokens.
func forgedBy(token string, n int) string {
	digits := fmt.Sprintf("%08d", n)
	return digits + token[len(digits):]
}

func TestC2_OnlyTheExactBytesAreAToken(t *testing.T) {
	s := start(t, setup{site: statusSite, realm: "cache_ttl 0"})
	token := s.login(alice)
	repair := breakQueries(t, s.database())
	defer repair()
	raw := tokenBytes(t, token)
	assertEqual(t, "bytes in a token", len(raw), 57)
	other := strings.NewReplacer("-", "+", "_", "/").Replace(token)
	variants := []string{
		`"` + token + `"`, "%" + fmt.Sprintf("%02x", token[0]) + token[1:], token + "=", token + "==", "=" + token,
		token + "A", token + token, token[:len(token)-1], token[1:], "", " " + token, token + " ", "\t" + token, token + "\t",
		base64.StdEncoding.EncodeToString(raw) + "=", fmt.Sprintf("%x", raw), url.QueryEscape(token) + "%20",
		strings.ToLower(token), strings.ToUpper(token), "'" + token + "'", token + ",", token[:32] + " " + token[32:],
		token[:32] + "\x80" + token[33:], token[:32] + "." + token[33:], token[:32] + "+" + token[33:], token[:32] + "/" + token[33:],
		strings.Repeat("A", 4000), token[:len(token)-1] + "\xff", token + ".",
	}
	if other != token {
		variants = append(variants, other)
	}
	for _, variant := range variants {
		if variant == token {
			continue
		}
		a := s.get("/", "Cookie: a=b; "+cookieName+"="+variant+"; c=d")
		s.assertStatusIs(t, a, "malformed")
		if t.Failed() {
			t.Fatalf("the variant was %.200q", variant)
		}
	}
	// A cookie without a value, and without an equals sign.
	s.assertStatusIs(t, s.get("/", "Cookie: "+cookieName+"="), "malformed")
	// A wrong MAC costs no query either.
	assertStatus(t, s.get("/", cookie(forged(token))), 401)
}

func TestC2_ACrowdOfCookiesDoesNotHideOurs(t *testing.T) {
	s := start(t, setup{global: "servers {\n max_header_size 1MB\n}"})
	token := s.login(alice)
	crowd := strings.Repeat("a=b; ", 5000)
	// 1. Behind 5000 cookies is a session, and the upstream gets all others.
	a := s.get("/", "Cookie: "+crowd+cookieName+"="+token)
	assertStatus(t, a, 200)
	got := s.app.one(t)
	assertID(t, got, alice)
	assertEqual(t, "cookies", got.value("Cookie"), strings.TrimSuffix(crowd, "; "))
	// 2. A second value behind them is seen, too.
	s.assertSTOP(s.get("/", cookie(token)+"; "+crowd+cookieName+"="+s.become(carol)))
}

func TestC3_LookAlikesAreIgnoredAndNotForwarded(t *testing.T) {
	s := start(t, setup{})
	token := s.login(alice)
	for _, name := range []string{
		"__host-session", "__HOST-SESSION", "__Host-Session", "\u00a0__Host-session", "\u2003__Host-session",
		"__Host-session\u00a0", "__Host-session ", "__Host-session\t", "\ufeff__Host-session", "=__Host-session", "==__Host-session",
	} {
		t.Run(fmt.Sprintf("%q", name), func(t *testing.T) {
			// 1. It is no session.
			s.assertSTOP(s.get("/", "Cookie: "+name+"="+token))
			assertStatus(t, s.get("/public", "Cookie: "+name+"="+token+"; a=b"), 200)
			// 2. It is not forwarded.
			got := s.app.one(t)
			assertANON(t, got)
			assertEqual(t, "cookies", got.value("Cookie"), "a=b")
			// 3. It does not disturb the real one.
			assertStatus(t, s.get("/", "Cookie: "+name+"=x; "+cookieName+"="+token+"; a=b"), 200)
			got = s.app.one(t)
			assertID(t, got, alice)
			assertEqual(t, "cookies", got.value("Cookie"), "a=b")
		})
	}
	// Other people's cookies with similar names are theirs.
	for _, name := range []string{"__Host-session2", "x__Host-session", "session", "__Secure-session", "__Host-sessio", "Host-session"} {
		assertStatus(t, s.get("/", "Cookie: "+name+"=1", cookie(token)), 200)
		assertEqual(t, "cookies", s.app.one(t).value("Cookie"), name+"=1")
	}
}

func TestC4_OtherCookiesArriveByteForByte(t *testing.T) {
	s := start(t, setup{})
	token := s.login(alice)
	ours := cookieName + "=" + token
	for sent, want := range map[string][]string{
		ours:                          nil,
		ours + ";":                    nil,
		"a=b; " + ours:                {"a=b"},
		ours + "; a=b":                {"a=b"},
		"a=b; " + ours + "; c=d":      {"a=b; c=d"},
		"a=b;" + ours + ";c=d":        {"a=b;c=d"},
		`a="b; ` + ours + `; c=d"`:    {`a="b; c=d"`},
		"z=1; a=2; " + ours + "; z=3": {"z=1; a=2; z=3"},
		"a==b=; " + ours + "; c":      {"a==b=; c"},
		"a=\xff\x80; " + ours:         {"a=\xff\x80"},
		`a={"k":"v,w"}; ` + ours:      {`a={"k":"v,w"}`},
		"a=b;   c=d; " + ours:         {"a=b;   c=d"},
		"a=b; \t" + ours + "; ;c=d":   {"a=b; ;c=d"},
	} {
		assertStatus(t, s.get("/", "Cookie: "+sent), 200)
		got := s.app.one(t)
		assertID(t, got, alice)
		values := got.values("Cookie")
		for i := range values {
			values[i] = strings.TrimRight(values[i], "; ")
		}
		if !slices.Equal(slices.DeleteFunc(values, func(v string) bool { return v == "" }), want) {
			t.Errorf("sent %q: the upstream got %q, want %q", sent, got.values("Cookie"), want)
		}
	}
	// When ours was the only one there is no header at all.
	assertStatus(t, s.get("/", "Cookie: "+ours), 200)
	assertEqual(t, "Cookie lines", len(s.app.one(t).values("Cookie")), 0)
	// Several lines stay several, in order.
	assertStatus(t, s.get("/", "Cookie: a=b", "Cookie: "+ours, "Cookie: c=d; "+ours), 200)
	assertEqual(t, "Cookie lines", strings.Join(s.app.one(t).values("Cookie"), "|"), "a=b|c=d")
	// Without a session nothing is touched.
	assertStatus(t, s.get("/public", "Cookie: a==b; ;c ;d=\xff"), 200)
	assertEqual(t, "Cookie", s.app.one(t).value("Cookie"), "a==b; ;c ;d=\xff")
}

func TestC6_ATokenAnywhereElseIsNothing(t *testing.T) {
	s := start(t, setup{})
	token := s.login(alice)
	s.secrets = nil // the client itself puts it into the address, which is logged
	pair := cookieName + "=" + token
	for _, target := range []string{"/?" + pair, "/?token=" + token, "/" + token, "/;" + pair, "/" + pair} {
		s.assertSTOP(s.get(target))
		assertStatus(t, s.get("/public"+target[1:]), 200)
		assertANON(t, s.app.one(t))
	}
	for _, line := range []string{"Authorization: Bearer " + token, "X-Session: " + token, cookieName + ": " + token, "Cookie2: " + pair, "Set-Cookie: " + pair, "Cookie: session=" + token, "Cookie: " + token} {
		s.assertSTOP(s.get("/", line))
		assertStatus(t, s.get("/public", line), 200)
		assertANON(t, s.app.one(t))
	}
	s.assertSTOP(s.raw(requestWithBody("POST", "/", pair, "Content-Type: application/x-www-form-urlencoded")))
}
