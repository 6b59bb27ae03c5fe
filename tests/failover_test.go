//go:build unix

package tests

import (
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// fallings are the ways in which a primary goes, and what its URL names: both
// servers, one address that comes to lead to the standby, or a balancer.
var fallings = map[string]func(*testing.T, *storetest.Pair) (url string, fall func()){
	"BothHosts_Killed": func(_ *testing.T, p *storetest.Pair) (string, func()) { return p.URL(), p.Primary.Kill },
	"BothHosts_Frozen": func(_ *testing.T, p *storetest.Pair) (string, func()) { return p.URL(), p.Primary.Freeze },
	"OneAddress_Frozen": func(t *testing.T, p *storetest.Pair) (string, func()) {
		address := storetest.Forward(t, p.Primary)
		return address.URL(), func() {
			p.Primary.Freeze()
			address.To(p.Standby)
		}
	},
}

// The primary dies and its standby is promoted. Meanwhile nobody is taken for nobody,
// and afterwards all is well without a restart; of what was acknowledged all is there.
func TestF1_F2_TheStandbyIsPromoted(t *testing.T) {
	for name, falling := range fallings {
		t.Run(name, func(t *testing.T) {
			pair := storetest.StartPair(t)
			url, fall := falling(t, pair)
			s := start(t, setup{store: url + " {\n lookup_timeout 1s\n}"})
			s.secretURL(pair.Primary.URL())
			known, unseen, ended := s.login(alice), s.login(carol), s.login(bob)
			s.assertOK(s.get("/", cookie(known)), alice)
			assertStatus(t, s.logout(ended), 303)
			pair.Follows()
			fall()
			pair.Promote()
			promoted := time.Now()
			// 503 until it works, and never anything else.
			served := func(what string, ok int, ask func() *answer) {
				t.Helper()
				eventually(t, what, func() bool {
					switch status := ask().status; status {
					case ok:
						return true
					case 503:
						return false
					default:
						t.Fatal(what, "is answered with", status)
						return true
					}
				})
				t.Log(what, "after", time.Since(promoted))
			}
			served("a session that was not in memory", 200, func() *answer { return s.get("/", cookie(unseen)) })
			served("a login", 200, func() *answer { return s.get("/login") })
			if took := time.Since(promoted); took > 20*time.Second {
				t.Error("all is well only after", took)
			}
			s.app.take()
			s.assertOK(s.get("/", cookie(known)), alice)
			s.assertOK(s.get("/", cookie(unseen)), carol)
			s.assertSTOP(s.get("/", cookie(ended)))
			assertStatus(t, s.logout(known), 303)
			s.assertSTOP(s.get("/", cookie(known)))
		})
	}
}
