//go:build unix

package tests

import (
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
)

const wantsPage = "Accept: text/html"

// logged returns how often the module has logged what contains all these texts.
func (s *server) logged(level string, texts ...string) (n int) {
	s.t.Helper()
entries:
	for line := range strings.Lines(s.log.String()) {
		for _, text := range append(texts, `"level":"`+level+`"`) {
			if !strings.Contains(line, text) {
				continue entries
			}
		}
		n++
	}
	return n
}

func TestD2_AGuardNeverRedirectsToItself(t *testing.T) {
	s := start(t, setup{
		site: `
		handle_path /app/* {
			session {
				redirect /login
			}
			reverse_proxy {app}
		}
		handle /moved {
			rewrite /login
			session {
				redirect /login
			}
			reverse_proxy {app}
		}
		handle {
			session {
				redirect https://app.test/login?theme=dark
			}
			reverse_proxy {app}
		}`,
	})
	// 1. Its own login page is answered with 401, and the log says what to do.
	for _, target := range []string{"/login", "/login?return_to=%2Fx", "/%6Cogin"} {
		s.assertSTOP(s.get(target, wantsPage))
	}
	if n := s.logged("error", "own login page", "exempt it", "handle /login"); n != 1 {
		t.Errorf("%d errors in the log, want 1, for who asks must not fill it:\n%s", n, tail(s.log.String(), 2000))
	}
	// 2. All else goes there, also what rewrites have made the same path of.
	s.assertRedirect(s.get("/", wantsPage), "https://app.test/login?theme=dark&return_to=%2F")
	s.assertRedirect(s.get("/login/", wantsPage), "https://app.test/login?theme=dark&return_to=%2Flogin%2F")
	s.assertRedirect(s.get("/app/login", wantsPage), "/login?return_to=%2Fapp%2Flogin")
	s.assertRedirect(s.get("/moved", wantsPage), "/login?return_to=%2Fmoved")
	// 3. On another host that path is another page.
	a := s.raw(toHost("other.test", request("GET", "/login", wantsPage)))
	s.assertRedirect(a, "https://app.test/login?theme=dark&return_to=http%3A%2F%2Fother.test%2Flogin")
	// 4. Scripts get what they always get.
	s.assertSTOP(s.get("/login"))
}

func TestD2_ReturnToNeitherNestsNorGrows(t *testing.T) {
	s := start(t, setup{site: guarded("redirect /login"), global: "servers {\n max_header_size 1MB\n}"})
	s.assertRedirect(s.get("/step?return_to=%2Flogin%3Freturn_to%3D%252F&a=b", wantsPage), "/login?return_to=%2Fstep%3Fa%3Db")
	s.assertRedirect(s.get("/page?"+strings.Repeat("%26", 3000), wantsPage), "/login?return_to=%2Fpage")
	s.assertRedirect(s.get("/"+strings.Repeat("x", 9000), wantsPage), "/login")
	// Nor does the login pass on a target that is too long.
	s.load(setup{site: "handle /login {\n session_login {\n user alice\n redirect {query.return_to} /home\n }\n}", global: "servers {\n max_header_size 1MB\n}"})
	for length, want := range map[int]string{2000: "/" + strings.Repeat("x", 2000), 3000: "/home"} {
		assertEqual(t, "Location", s.get("/login?return_to=/"+strings.Repeat("x", length)).value("Location"), want)
	}
}

func TestD2_ALoginDoesNotLeadToItsOwnPage(t *testing.T) {
	s := start(t, setup{site: `
		handle_path /sso/* {
			session_login {
				user alice
				redirect {query.return_to} /home
			}
		}
		handle /literal {
			session_login {
				user alice
				redirect /literal
			}
		}`})
	for target, want := range map[string]string{
		"/sso/login?return_to=/sso/login":              "/home",
		"/sso/login?return_to=/sso/login?return_to=/x": "/home",
		"/sso/login?return_to=/sso/x/../login":         "/home",
		"/sso/login?return_to=/sso/other":              "/sso/other",
		"/sso/login?return_to=/login":                  "/login", // is not its own, as the client sees it
		"/literal":                                     "/",
	} {
		a := s.get(target)
		assertStatus(t, a, 303)
		assertEqual(t, target, a.value("Location"), want)
	}
}

func TestD2_ATargetOfPlaceholdersIsCheckedAtUse(t *testing.T) {
	s := start(t, setup{site: guarded("redirect {query.to}")})
	for _, to := range []string{"", "login", "//evil.example", "javascript:alert(1)", "/\\evil.example", "https:evil.example", "/a%0ab", "/" + strings.Repeat("x", 2100)} {
		s.assertSTOP(s.get("/?to="+to, wantsPage))
	}
	if n := s.logged("error", "begin it with / or https://"); n != 1 {
		t.Errorf("%d errors in the log, want 1", n)
	}
	s.assertRedirect(s.get("/?to=/login", wantsPage), "/login?return_to=%2F%3Fto%3D%2Flogin")
}

func TestD2_OptionsWithoutEffectAreWarnedOf(t *testing.T) {
	s := start(t, setup{})
	for options, texts := range map[string][]string{
		"optional\nredirect /login": {"`redirect` has no effect beside `optional`"},
		"optional\nobserve":         {"`optional` has no effect beside `observe`"},
		"observe\nredirect /login":  nil,
	} {
		s.log.Reset()
		s.load(setup{site: guarded(options)})
		if len(texts) == 0 {
			assertEqual(t, options, s.logged("warn", "has no effect"), 0)
		} else if s.logged("warn", texts...) != 1 {
			t.Errorf("%s: nobody is warned", options)
		}
	}
	// Of another program's sessions only the program notes the activity.
	p := groupsProgram()
	foreign, _ := p.begin(t, freshDB["sqlite"](t), "", "session\nrespond ok")
	assertEqual(t, "without passive", foreign.logged("warn", "has no effect"), 0)
}

func TestD2_ALoginWithNobodyToAskIsNoConfiguration(t *testing.T) {
	s := start(t, setup{})
	for name, c := range map[string]struct {
		site string
		ok   bool
	}{
		"nothing behind it":        {"handle /login {\n session_login\n}\nhandle {\n reverse_proxy {app}\n}", false},
		"alone in the site":        {"session_login", false},
		"a guard behind it":        {"route /login {\n session_login\n session {\n optional\n }\n}", false},
		"encode and a rewrite":     {"handle /login {\n encode gzip\n rewrite /x\n session_login\n}", false},
		"only before it":           {"handle /login {\n route {\n session_login\n }\n}\nhandle {\n respond ok\n}", false},
		"with user":                {"handle /login {\n session_login {\n user alice\n }\n}", true},
		"a page behind it":         {"handle /login {\n session_login\n reverse_proxy {page}\n}", true},
		"a page in a subroute":     {"route /login {\n session_login\n handle /login {\n reverse_proxy {page}\n }\n}", true},
		"a page of the whole site": {"session_login /login\nreverse_proxy {page}", true},
		"a page of a later route":  {"route /login {\n session_login\n}\nreverse_proxy {page}", true},
	} {
		// On a socket of its own: Caddy may have closed that of a configuration
		// which it has taken back.
		tried := setup{site: c.site, listen: "http:// {\n bind unix/{dir}/" + strings.ReplaceAll(name, " ", "-")}
		adapted, err := adapt(s.caddyfile(tried))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		config := new(caddy.Config)
		if err := caddy.StrictUnmarshalJSON(adapted, config); err != nil {
			t.Fatal(err)
		}
		if err := caddy.Validate(config); err != nil {
			t.Errorf("%s: it does not validate: %v", name, err)
		}
		err = s.tryLoad(tried)
		switch {
		case c.ok && err != nil:
			t.Errorf("%s: %v", name, err)
		case !c.ok && (err == nil || !strings.Contains(err.Error(), "put a login page there") || !strings.Contains(err.Error(), "`user`")):
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

func TestD2_ALoginThatNobodyAnswersSaysSo(t *testing.T) {
	s := start(t, setup{site: `
		route /login {
			session_login
			@never path /nowhere
			reverse_proxy @never {page}
		}
		route /named {
			session_login
			header Remote-User alice
		}
		handle_errors {
			respond "{err.message}" {err.status_code}
		}`})
	a := s.get("/login")
	assertStatus(t, a, 502)
	assertContains(t, a.body, "put a login page there")
	assertContains(t, a.value("Cache-Control"), "no-store")
	// A header without a page is an answer, too.
	s.newToken(s.get("/named"))
}
