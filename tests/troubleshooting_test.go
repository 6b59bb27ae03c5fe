//go:build unix

package tests

import (
	"strings"
	"testing"
)

// What docs/troubleshooting.md says of frequent mistakes is so.

func TestTroubleshooting_LookFirstShowsTheReason(t *testing.T) {
	for _, block := range docBlocks(t) {
		if block.id != "troubleshooting.md#look-first" {
			continue
		}
		s := start(t, setup{site: block.text + "session_logout /logout"})
		assertEqual(t, "nobody", s.get("/").body, "401: no session: none (none)")
		assertEqual(t, "junk", s.get("/", cookie("junk")).body, "401: no session: malformed (malformed)")
		assertContains(t, s.get("/logout").body, "405: a logout must be a POST, so that no link can do it")
		assertEqual(t, "the log", s.accessEntry(t, "/")["session"], any("none"))
		return
	}
	t.Fatal("the page has no such block")
}

func TestTroubleshooting_AHeaderThatIsSetBehindTheGuardHasTheLastWord(t *testing.T) {
	s := start(t, setup{site: strings.Replace(guarded(), "reverse_proxy {app}\n\t}\n", "forward_auth {page} {\nuri /verify\ncopy_headers Remote-User\n}\nreverse_proxy {app}\n}\n", 2)})
	token := s.become(alice)
	s.page.answers(bob.loginPage())
	assertStatus(t, s.get("/", cookie(token)), 200)
	mixed := alice
	mixed.user = bob.user
	assertID(t, s.app.one(t), mixed)
}

func TestTroubleshooting_AnIncludedPageSeesNoCookie(t *testing.T) {
	const include = `
		header Content-Type text/html
		templates
		respond "{{httpInclude \"/inner\"}}"`
	s := start(t, setup{site: `
		handle /become {
			session_login {
				user {query.user}
			}
			respond "welcome"
		}
		handle /inner {
			session {
				optional
			}
			respond "user=<{http.session.user}> status={http.session.status}"
		}
		handle /guarded {
			session
			` + include + `
		}
		handle /open {
			` + include + `
		}`})
	token := s.become(alice)
	assertContains(t, s.get("/inner", cookie(token)).body, "user=<alice> status=ok")
	assertContains(t, s.get("/open", cookie(token)).body, "user=<alice> status=ok")
	assertContains(t, s.get("/guarded", cookie(token)).body, "user=<> status=none")
}

func TestTroubleshooting_TwoRealmsOfOneCookieNameLogEachOtherOut(t *testing.T) {
	s := start(t, setup{
		global: "session other {\nstore sqlite:{dir}/other.db\ncookie __Host-session\n}",
		site: `
		handle /other {
			session_login other {
				user bob
			}
			respond "welcome"
		}
		` + guarded(),
	})
	hers := s.become(alice)
	s.assertOK(s.get("/", cookie(hers)), alice)
	a := s.get("/other", cookie(hers))
	assertStatus(t, a, 200)
	his, _ := setCookie(t, a, cookieName) // takes the place of hers in the browser
	s.secret(his)
	s.assertSTOP(s.get("/", cookie(his)))
}
