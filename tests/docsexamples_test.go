//go:build unix

package tests

import (
	"strings"
	"testing"
)

// The examples beside the README are run, too.
func TestExamples_AreRun(t *testing.T) {
	for _, file := range []string{"../Caddyfile.example", "../caddy.json.example"} {
		t.Run(file, func(t *testing.T) {
			d := newDocumented(t)
			if strings.HasSuffix(file, ".json.example") {
				d.runJSON(readFile(t, file))
			} else {
				d.run(readFile(t, file))
			}
			const site = "http://localhost:8080"
			b := d.browser()
			for _, account := range [][2]string{{"bob", "builder"}, {"alice", "wonderland"}} {
				asked := b.navigate(site + "/inbox?x=1")
				asked.assertLeads(t, 302, site+"/login?return_to=%2Finbox%3Fx%3D1")
				if account[0] == "alice" {
					byForm(d, b, asked.location).assertLeads(t, 303, site+"/inbox?x=1")
				} else {
					b.submit(asked.location, "name", account[0], "password", account[1]).assertLeads(t, 303, site+"/inbox?x=1")
				}
				p := b.navigate(site + "/inbox?x=1")
				assertEqual(t, "status", p.status, 200)
				assertContains(t, p.body, "Hello "+account[0]+"!")
				assertContains(t, p.body, account[0]+"@example.com")
				for _, secret := range []string{"mallory", account[1], "session=", "Cookie"} {
					if strings.Contains(p.body, secret) {
						t.Errorf("the app sees %q:\n%s", secret, p.body)
					}
				}
				asked = b.navigate(site + "/logout")
				assertContains(t, asked.body, "<button>Log out</button>")
				assertContains(t, b.navigate(site+"/").body, "Hello "+account[0]+"!")
				b.submit(site+"/logout").assertLeads(t, 303, site+"/login")
				b.navigate(site+"/").assertLeads(t, 302, site+"/login?return_to=%2F")
			}
		})
	}
}
