//go:build unix

package tests

import (
	"maps"
	"slices"
	"testing"
)

const (
	docInbox = "https://app.example.com/inbox?folder=new&page=2"
	docLogin = "https://app.example.com/login"
	docRoot  = "https://app.example.com/"
)

// docStories are told of the configurations in the documentation.
var docStories = map[string]func(d *documented, block string){
	"README.md#a-whole-configuration":              tale{inbox: docInbox, login: docLogin, bye: docLogin, as: byForm, got: []string{"Remote-User: alice"}}.tell,
	"formats.md#sessions-that-other-programs-keep": storyOfTower,
	"formats.md#custom":                            storyOfAQuery,
	"recipes.md#a-login-page-of-your-own":          tale{inbox: docInbox, login: docLogin, bye: docLogin}.tell,
	"recipes.md#a-password-prompt":                 storyOfAPrompt,
	"recipes.md#single-sign-on-once-at-the-login":  storyOfAGateway,
	"recipes.md#another-programs-sessions":         storyOfDjango,
	"recipes.md#php-over-fastcgi":                  storyOfPHP,
	"recipes.md#other-header-names":                storyOfHeaderNames,
	"recipes.md#another-name-upstream": tale{
		inbox: docInbox, login: docLogin, bye: docRoot,
		got: append(alice.lines(remoteSet)[1:], "Remote-User: alice@example.com"),
	}.tell,
	"recipes.md#the-apps-own-cookies":             storyOfAppCookies,
	"recipes.md#pages-for-everybody":              storyOfPagesForEverybody,
	"recipes.md#public-paths-and-health-checks":   storyOfPublicPaths,
	"recipes.md#webhooks":                         storyOfWebhooks,
	"recipes.md#scripts-of-another-origin":        storyOfPreflights,
	"recipes.md#single-page-apps":                 storyOfASinglePage,
	"recipes.md#websocket-apps":                   storyOfWebSockets,
	"recipes.md#logout-links":                     storyOfLogoutLinks,
	"recipes.md#a-cache-in-front":                 storyOfACacheInFront,
	"recipes.md#tls-ends-in-front":                storyOfTLSInFront,
	"recipes.md#two-realms-on-one-host":           storyOfRealmsOnOneHost,
	"recipes.md#caddy-security-once-at-the-login": storyOfCaddySecurity,
	"recipes.md#pages-for-some":                   storyOfPagesForSome,
	"recipes.md#one-way-for-admins":               storyOfAdmins,
	"recipes.md#error-pages":                      storyOfErrorPages,
	"recipes.md#one-login-for-all-sub-domains":    storyOfSubDomains,
	"recipes.md#several-realms":                   storyOfRealms,
	"recipes.md#several-nodes":                    storyOfNodes,
	"recipes.md#trying-a-guard-out":               storyOfObserving,
	"recipes.md#a-database-that-goes-away":        storyOfADatabaseThatGoes,
}

// Every whole configuration in the documentation is run, and its story told:
// those are the blocks whose language is caddyfile.
func TestDocs_EveryWholeConfigurationIsRun(t *testing.T) {
	told := make(map[string]bool)
	for _, block := range docBlocks(t) {
		if block.info != "caddyfile" {
			continue
		}
		story := docStories[block.id]
		switch {
		case story == nil:
			t.Errorf("%s is a whole configuration, and docStories has no story for it", block.id)
		case told[block.id]:
			t.Errorf("%s has two whole configurations; give the second a heading", block.id)
		default:
			t.Run(block.id, func(t *testing.T) { story(newDocumented(t), block.text) })
		}
		told[block.id] = true
	}
	for _, id := range slices.Sorted(maps.Keys(docStories)) {
		if !told[id] {
			t.Errorf("%s has a story, but is no whole configuration", id)
		}
	}
}

// byForm logs alice in at the form of the example, after all sorts of mistakes.
func byForm(d *documented, b *browser, address string) *page {
	d.t.Helper()
	p := b.navigate(address)
	assertEqual(d.t, "status of the form", p.status, 200)
	assertContains(d.t, p.body, `<form method="post">`)
	for _, wrong := range [][2]string{{"alice", "builder"}, {"alice", ""}, {"eve", "wonderland"}, {"eve", ""}, {"", ""}, {"", "wonderland"}, {`"><script>`, "x"}} {
		p = b.submit(address, "name", wrong[0], "password", wrong[1])
		assertEqual(d.t, "status after a mistake", p.status, 200)
		assertContains(d.t, p.body, `<form method="post">`)
		assertEqual(d.t, "cookies after a mistake", b.cookies(address), "")
		if wrong[0] != "" {
			assertContains(d.t, p.body, "Wrong name or password.")
		}
	}
	assertContains(d.t, p.body, `value="&#34;&gt;&lt;script&gt;"`)
	if p := b.submitFrom("cross-site", address, "name", "alice", "password", "wonderland"); p.status != 403 {
		d.t.Errorf("a login from another site: status %d", p.status)
	}
	return b.submit(address, "name", "alice", "password", "wonderland")
}

func storyOfAPrompt(d *documented, block string) {
	s := tale{inbox: docInbox, login: docLogin, bye: onSite(docRoot, "/goodbye"), got: identity{"alice", "alice@example.com", "", []string{"users"}}.lines(remoteSet)}
	s.as = func(d *documented, b *browser, address string) *page {
		p := b.navigate(address)
		assertEqual(d.t, "status of the prompt", p.status, 401)
		assertContains(d.t, p.header.Get("Www-Authenticate"), "Basic")
		// From here on the browser sends the password with every request.
		b.lies = append(b.lies, "Authorization", "Basic YWxpY2U6d29uZGVybGFuZA==")
		return b.navigate(address)
	}
	s.then = func(d *documented, b *browser) {
		assertEqual(d.t, "the app's Authorization", s.visit(d, b, docInbox).value("Authorization"), "")
	}
	s.tell(d, block)
	// After a logout the browser still has the password, and is asked for it once.
	b := d.browser()
	s.logIn(d, b)
	b.submit(s.logout()).assertLeads(d.t, 303, s.bye)
	p := b.navigate(docLogin)
	assertEqual(d.t, "a login after the logout", p.status, 401)
	assertContains(d.t, p.header.Get("Www-Authenticate"), "Basic")
	assertEqual(d.t, "the next one", b.navigate(docLogin).status, 303)
}

func storyOfAGateway(d *documented, block string) {
	s := tale{inbox: docInbox, login: docLogin, bye: "https://auth.example.com/logout"}
	enter := func(b *browser, address string, who identity) *page {
		d.upstreams["authelia"].answers(reply(200, "", who.lines(remoteSet)...))
		return b.navigate(address)
	}
	s.as = func(d *documented, b *browser, address string) *page {
		d.upstreams["authelia"].answers(reply(302, "", "Location: https://auth.example.com/?rd=here"))
		b.navigate(address).assertLeads(d.t, 302, "https://auth.example.com/?rd=here")
		return enter(b, address, alice)
	}
	s.then = func(d *documented, _ *browser) {
		// Of bob the gateway knows a name only. What the client says is no claim.
		other := d.browser()
		enter(other, s.asksFor(), bob).assertLeads(d.t, 303, docInbox)
		assertID(d.t, s.visit(d, other, docInbox), bob)
		if p := enter(d.browser(), s.asksFor(), identity{}); p.status != 401 {
			d.t.Errorf("the gateway names nobody: status %d", p.status)
		}
	}
	s.tell(d, block)
}
