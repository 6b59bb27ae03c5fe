//go:build unix

package tests

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
)

// The cookie of a realm had one name in every realm once, and its tokens said nothing
// of a cookie. A browser that logged in then is a browser of now.

const staffCookie = "__Host-staff-session"

// staffSite is an app of staff at /staff, beside everybody's.
const staffSite = `
	handle /staff/login {
		session_login staff {
			user {query.user}
		}
		respond "welcome"
	}
	handle /staff/logout {
		session_logout staff
	}
	handle /staff/static* {
		session staff {
			public /staff/static*
		}
		reverse_proxy {app}
	}
	handle /staff* {
		session staff {
			%s
		}
		reverse_proxy {app}
	}
`

func staffAt(options string) string { return strings.Replace(staffSite, "%s", options, 1) }

// hired logs somebody in, and returns the token as it would have been made formerly:
// the same random bytes, and a MAC over them and the realm.
func (s *server) hired(realm, user string) string {
	s.t.Helper()
	token, _ := setCookie(s.t, s.get("/"+realm+"/login?user="+user), "__Host-"+realm+"-session")
	return s.formerly(realm, token)
}

func (s *server) formerly(realm, token string) string {
	s.t.Helper()
	var secret []byte
	if err := s.database().QueryRow("SELECT secret FROM caddy_session_keys").Scan(&secret); err != nil {
		s.t.Fatal(err)
	}
	random := tokenBytes(s.t, token)[9:][:32]
	m := hmac.New(sha256.New, secret)
	m.Write([]byte("caddy-session token v1\x00"))
	m.Write(binary.BigEndian.AppendUint64(nil, uint64(len(realm))))
	m.Write([]byte(realm))
	m.Write(random)
	first := base64.RawURLEncoding.EncodeToString(append(slices.Clone(random), m.Sum(nil)[:16]...))
	s.secret(token)
	s.secret(first)
	return first
}

// A Caddy with one realm, whose name nobody else has.
func TestC5_ACookieOfTheFormerNameStaysLoggedIn(t *testing.T) {
	s := start(t, setup{bare: true, global: "session staff {\n store {store}\n cache_ttl 0\n}", site: staffAt("")})
	b := newProfile(s, "app.test")
	hold := func(token string) {
		b = newProfile(s, "app.test")
		b.keep("/", &answer{message: message{lines: []string{"Set-Cookie: " + cookieName + "=" + token + "; Path=/; Secure"}}})
	}
	// 1. Carol has been logged in since before, and no app sees her token.
	first := s.hired("staff", "carol")
	hold(first)
	for range 2 {
		assertEqual(t, "cookies", b.visit(t, "/staff"), "")
	}
	b.get("/staff")
	assertID(t, s.app.one(t), identity{user: "carol"})
	assertEqual(t, "cookies on public paths", b.visit(t, "/staff/static"), "")
	// 2. With the next login her browser has the new name only, and the session from before is over.
	a := b.get("/staff/login?user=carol")
	token, _ := setCookie(t, a, staffCookie)
	s.secret(token)
	if former, _ := setCookie(t, a, cookieName); former != "" {
		t.Errorf("the former cookie is %q", former)
	}
	s.assertSTOP(s.get("/staff", jar(cookieName+"="+first)))
	assertEqual(t, "cookies", b.visit(t, "/staff"), "")
	s.assertOK(s.get("/staff", jar(staffCookie+"="+token)), identity{user: "carol"})
	// 3. A logout from the former name ends it, and the browser forgets.
	first = s.hired("staff", "carol")
	hold(first)
	assertEqual(t, "cookies", b.visit(t, "/staff"), "")
	a = b.post("/staff/logout")
	assertStatus(t, a, 303)
	if former, _ := setCookie(t, a, cookieName); former != "" {
		t.Errorf("the former cookie is %q", former)
	}
	s.assertSTOP(s.get("/staff", jar(cookieName+"="+first)))
	// 4. So does a logout of a browser that has both: neither comes back.
	first = s.hired("staff", "carol")
	hold(first)
	token, _ = setCookie(t, s.get("/staff/login?user=bob"), staffCookie)
	s.secret(token)
	assertStatus(t, s.post("/staff/logout", jar(staffCookie+"="+token, cookieName+"="+first), "Sec-Fetch-Site: same-origin"), 303)
	s.assertSTOP(s.get("/staff", jar(cookieName+"="+first)))
	s.assertSTOP(s.get("/staff", jar(staffCookie+"="+token)))
	// 5. A guard that only strips makes no other realm of that name, which had a cookie.
	s.load(setup{bare: true, global: s.config.global, site: staffAt("") + "handle {\n session {\n strip_only\n }\n respond ok\n}"})
	first = s.hired("staff", "carol")
	a = s.post("/staff/logout", jar(cookieName+"="+first), "Sec-Fetch-Site: same-origin")
	if former, _ := setCookie(t, a, cookieName); former != "" {
		t.Errorf("the former cookie is %q", former)
	}
}

// What stands under the former name is another realm's, as a rule.
func TestC5_TheFormerNameIsAnotherRealms(t *testing.T) {
	s := start(t, setup{global: "session staff {\n store {store}\n cache_ttl 0\n}", site: staffAt("optional") + guarded()})
	theirs := s.login(alice)
	everybodys := s.formerly("default", theirs)
	first, second := s.hired("staff", "carol"), s.hired("staff", "dave")
	token, _ := setCookie(t, s.get("/staff/login?user=bob"), staffCookie)
	s.secret(token)
	carol, nobody := identity{user: "carol"}, identity{}
	// 1. Only tokens of before count there, and only those of this realm, and only
	// where there is nothing of the present name.
	for name, c := range map[string]struct {
		pairs []string
		who   identity
	}{
		"its own of before":            {[]string{cookieName + "=" + first}, carol},
		"beside others":                {[]string{cookieName + "=" + theirs, cookieName + "=" + first, cookieName + "=x"}, carol},
		"the same twice":               {[]string{cookieName + "=" + first, cookieName + "=" + first}, carol},
		"two of before":                {[]string{cookieName + "=" + first, cookieName + "=" + second}, nobody},
		"its own of now":               {[]string{cookieName + "=" + token}, nobody},
		"the other realm's":            {[]string{cookieName + "=" + theirs}, nobody},
		"the other realm's of before":  {[]string{cookieName + "=" + everybodys}, nobody},
		"behind one of the new name":   {[]string{staffCookie + "=x", cookieName + "=" + first}, nobody},
		"both":                         {[]string{staffCookie + "=" + token, cookieName + "=" + first}, identity{user: "bob"}},
		"of before under the new name": {[]string{staffCookie + "=" + first}, carol},
	} {
		a := s.get("/staff", jar(c.pairs...))
		assertStatus(t, a, 200)
		got := s.app.one(t)
		t.Log(name)
		assertID(t, got, c.who)
		if cookies := got.value("Cookie"); cookies != "" && cookies != cookieName+"=x" {
			t.Errorf("%s: the app has got %q", name, cookies)
		}
		assertEqual(t, name, a.value("Set-Cookie"), "")
	}
	// 2. Neither a login nor a logout touches the other realm's cookie, nor what may
	// have become one in the meantime; sessions of ours are over all the same.
	for _, held := range []string{theirs, everybodys, first} {
		a := s.get("/staff/login?user=bob", jar(cookieName+"="+held))
		assertStatus(t, a, 200)
		token, _ := setCookie(t, a, staffCookie)
		s.secret(token)
		out := s.post("/staff/logout", jar(cookieName+"="+held, staffCookie+"="+token), "Sec-Fetch-Site: same-origin")
		assertStatus(t, out, 303)
		for _, line := range append(a.values("Set-Cookie"), out.values("Set-Cookie")...) {
			if !strings.HasPrefix(line, staffCookie) {
				t.Errorf("with %q: %s", held, line)
			}
		}
	}
	assertStatus(t, s.get("/staff", jar(cookieName+"="+first)), 200)
	assertANON(t, s.app.one(t))
	s.assertOK(s.get("/", cookie(theirs)), alice)
	s.assertOK(s.get("/", cookie(everybodys)), alice)
	// 3. An app behind the realm may set a cookie of that name, as long as it is no token.
	s.app.answers(reply(200, "ok", "Set-Cookie: "+cookieName+"=flasks; Path=/; Secure", "Set-Cookie: "+cookieName+"="+everybodys))
	assertEqual(t, "Set-Cookie", strings.Join(s.get("/staff").values("Set-Cookie"), "\n"), cookieName+"=flasks; Path=/; Secure")
}

// An app's cookie of the former name is neither read nor ended.
func TestC5_ACookieOfAnAppKeepsTheFormerName(t *testing.T) {
	s := start(t, setup{bare: true, global: "session staff {\n store {store}\n cache_ttl 0\n}", site: staffAt("optional\nforward_cookie")})
	first := s.hired("staff", "carol")
	both := jar(cookieName+"=flasks", cookieName+"="+first, "a=b")
	// 1. Beside it a token of before is found, and forwarded as the realm's own.
	assertStatus(t, s.get("/staff", both), 200)
	got := s.app.one(t)
	assertID(t, got, identity{user: "carol"})
	assertEqual(t, "cookies", got.value("Cookie"), cookieName+"=flasks; "+cookieName+"="+first+"; a=b")
	// 2. A logout ends the session, and not the cookie: nobody knows which one it would be.
	a := s.post("/staff/logout", both, "Sec-Fetch-Site: same-origin")
	assertStatus(t, a, 303)
	for _, line := range a.values("Set-Cookie") {
		if strings.HasPrefix(line, cookieName+"=") {
			t.Error(line)
		}
	}
	assertStatus(t, s.get("/staff", both), 200)
	assertANON(t, s.app.one(t))
}

// forward_cookie is for the realm's own cookie, of now and of before: not for its
// tokens in other cookies, nor for what else stands under the former name.
func TestD9_ForwardCookieKeepsNoOtherRealmsTokenOfTheFormerName(t *testing.T) {
	s := start(t, setup{global: "session staff {\n store {store}\n cache_ttl 0\n}", site: staffAt("forward_cookie") + guarded()})
	theirs, first := s.login(alice), s.hired("staff", "carol")
	sent := jar(cookieName+"="+theirs, cookieName+"="+first, "copy="+first, "a=b")
	assertStatus(t, s.get("/staff", sent), 200)
	assertEqual(t, "cookies", s.app.one(t).value("Cookie"), cookieName+"="+first+"; a=b")
}

// While the keys are not known, the former name says what may be a token, and nobody
// knows whether it is.
func TestC5_WithoutKeysTheFormerNameMayHaveAToken(t *testing.T) {
	s := start(t, setup{bare: true, global: `session staff {
			store "postgres://nobody:hush@127.0.0.1:1/none?sslmode=disable"
		}`, site: staffAt("optional")})
	s.secret("hush")
	first, second := strings.Repeat("A", 64), "AQ"+strings.Repeat("A", 74)
	a := s.get("/staff/static", jar(cookieName+"="+first, "csrf="+first, cookieName+"=x"))
	s.assertCookiesUpstream("what is nobody's token", a, "csrf="+first+"; "+cookieName+"=x")
	assertStatus(t, s.get("/staff", jar(cookieName+"="+first)), 503)
	// A token of now is not this realm's under that name, whatever its keys are.
	s.assertCookiesUpstream("another realm's", s.get("/staff", jar(cookieName+"="+second)), "")
}

// Whoever has logged out before the upgrade is asked for the password after it.
func TestD5_AFormerLogoutStillAsksForThePassword(t *testing.T) {
	for name, c := range map[string]struct {
		config setup
		asked  bool
	}{
		"the realm is alone":    {setup{bare: true}, true},
		"the name is another's": {setup{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			c.config.global, c.config.site = "session staff {\n store {store}\n}", staffAt("")
			s := start(t, c.config)
			b := newProfile(s, "app.test")
			b.keep("/", &answer{message: message{lines: []string{"Set-Cookie: " + cookieName + "-out=1; Path=/; Secure"}}})
			password := basic("carol", "wonderland")
			a := b.get("/staff/login?user=carol", password)
			if !c.asked {
				assertStatus(t, a, 200)
				return
			}
			assertStatus(t, a, 401)
			assertStatus(t, b.get("/staff/login?user=carol", password), 200)
		})
	}
}
