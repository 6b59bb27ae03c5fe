//go:build unix

package tests

import (
	"strings"
	"testing"
	"time"
)

const laravelRemember = "remember_web_59ba36addc2b2f9401580f014c7f58ea4e30989d"

// keys are another program's session with its further cookies.
type keys struct {
	name    string
	format  string // in the Caddyfile
	session string // the pair of the session's cookie
	others  []string
	user    string
}

func programsWithKeys() []keys {
	return []keys{
		{
			name: "better_auth", format: "format better_auth {\n insecure_unsigned\n users off\n}", user: "7",
			session: "__Secure-better-auth.session_token=token-of-alice.c2ln",
			others: []string{
				"__Secure-better-auth.session_token_multi-abc=token-of-bob.c2ln", "better-auth.session_token_multi-abc=token-of-bob.c2ln",
				"__Secure-better-auth.session_data=eyJ0b2tlbiI6ICJ4In0", "__Secure-better-auth.session_data.0=eyJ0b2tlbiI6ICJ4In0",
			},
		},
		{
			name: "laravel", format: "format laravel {\n insecure_unsigned\n users off\n credentials legacy_key\n}", user: "7",
			session: "laravel-session=" + strings.Repeat("a", 40),
			others:  []string{laravelRemember + "=eyJpdiI6", "remember_web_x=1", "__Secure-remember_web_x=1", "__Host-" + laravelRemember + "=2", "remember.web.x=3", "legacy_key=4"},
		},
	}
}

func (k keys) start(t *testing.T, options string) *server {
	t.Helper()
	url := freshDB["sqlite"](t)
	db := openProgramDB(t, url)
	if k.name == "laravel" {
		db.exec("CREATE TABLE sessions (id varchar(255) PRIMARY KEY, user_id bigint, payload text, last_activity integer)")
		db.exec("INSERT INTO sessions VALUES (?, 7, '', ?)", strings.Repeat("a", 40), in(-time.Minute).Unix())
	} else {
		db.exec(`CREATE TABLE "session" (token text, "userId" text, "expiresAt" text, "createdAt" text)`)
		db.exec(`INSERT INTO "session" VALUES ('token-of-alice', '7', ?, ?)`, in(time.Hour).UTC().Format(time.RFC3339), in(-time.Hour).UTC().Format(time.RFC3339))
	}
	logout := ""
	if strings.Contains(k.format, "revocable") {
		logout = "handle /logout {\nsession_logout\n}\n"
	}
	return start(t, setup{store: url, realm: "cache_ttl 0\n" + k.format, site: logout + "handle /public* {\nsession {\noptional\n" + options + "\n}\nreverse_proxy {app}\n}\nhandle {\nsession {\n" + options + "\n}\nreverse_proxy {app}\n}"})
}

// C4: whoever has one of a program's other cookies is its user, as well as with
// the session's, for years in the case of "remember me". No app gets one.
func TestC4_TheProgramsOtherKeysReachNoApp(t *testing.T) {
	for _, k := range programsWithKeys() {
		t.Run(k.name, func(t *testing.T) {
			s := k.start(t, "")
			// 1. Beside the session, before it and after it.
			all := append([]string{"a=1", k.session, "b=2"}, k.others...)
			s.assertCookiesUpstream("beside the session", s.get("/", jar(append(all, "theme=dark")...)), "a=1; b=2; theme=dark")
			// 2. On an optional route, and without a session.
			s.assertCookiesUpstream("without a session", s.get("/public", jar(append(k.others, "c=3")...)), "c=3")
			// 3. One by one, on two lines, and in another spelling.
			for _, other := range k.others {
				s.assertCookiesUpstream(other, s.get("/", jar(k.session), jar(other, "d=4"), jar(strings.ToUpper(other))), "d=4")
			}
		})
	}
}

// C4: an app cannot make somebody the program's user: what it sets under the
// name of a key does not reach the browser.
func TestC4_NoAppSetsTheProgramsKeys(t *testing.T) {
	for _, k := range programsWithKeys() {
		t.Run(k.name, func(t *testing.T) {
			s := k.start(t, "")
			for _, other := range k.others {
				s.app.answers(reply(200, "", "Set-Cookie: "+other+"; Path=/", "Set-Cookie: ="+other, "Set-Cookie: theme=dark"))
				a := s.get("/", jar(k.session))
				assertEqual(t, other, strings.Join(a.values("Set-Cookie"), " | "), "theme=dark")
			}
		})
	}
}

// Where the program itself stands behind the guard it gets its cookies, and
// sets them.
func TestC4_ForwardCookieKeepsTheProgramsKeys(t *testing.T) {
	for _, k := range programsWithKeys() {
		t.Run(k.name, func(t *testing.T) {
			s := k.start(t, "forward_cookie")
			all := append([]string{"a=1", k.session}, k.others...)
			s.assertCookiesUpstream("all", s.get("/", jar(all...)), strings.Join(all, "; "))
			s.app.answers(reply(200, "", "Set-Cookie: "+k.others[0]))
			assertEqual(t, "set", s.get("/", jar(k.session)).value("Set-Cookie"), k.others[0])
		})
	}
}

// Over https a program may set `__Secure-sid`, and over http `sid`: the second
// counts where the first is not there at all, and neither reaches an app.
func TestForeign_ACookieOfTwoNames(t *testing.T) {
	k := programsWithKeys()[0]
	k.format = "format better_auth {\n insecure_unsigned\n users off\n cookie_else better-auth.session_token\n revocable\n}"
	s := k.start(t, "")
	const secure, plain = "__Secure-better-auth.session_token=", "better-auth.session_token="
	const alice, nobody = "token-of-alice.c2ln", "token-of-nobody.c2ln"
	for _, line := range []string{secure + alice, plain + alice, secure + alice + "; " + plain + nobody, plain + nobody + "; " + secure + alice} {
		s.assertCookiesUpstream(line, s.get("/", jar("a=1", line, "b=2")), "a=1; b=2")
	}
	for _, line := range []string{secure + nobody + "; " + plain + alice, secure + "; " + plain + alice} {
		assertStatus(t, s.get("/", jar(line)), 401)
	}
	s.app.take()
	s.app.answers(reply(200, "", "Set-Cookie: "+plain+alice, "Set-Cookie: "+secure+alice))
	assertEqual(t, "Set-Cookie", s.get("/", jar(plain+alice)).value("Set-Cookie"), "")
	// A logout ends it under each name, and over http as well.
	a := s.post("/logout", jar(plain+alice), "Sec-Fetch-Site: same-origin")
	assertStatus(t, a, 303)
	lines := strings.Join(a.values("Set-Cookie"), "\n")
	if !strings.Contains(lines, secure+"; ") || !strings.Contains(lines, "\n"+plain+"; ") || strings.Count(lines, "Secure;")+strings.Count(lines, "Secure\n") != 1 {
		t.Error(lines)
	}
	assertStatus(t, s.get("/", jar(plain+alice)), 401)
}
