package routes

import "testing"

func TestMeet_WhetherABrowserSendsOneCookieToBoth(t *testing.T) {
	of := func(domain string, hosts ...string) used { return used{Kind{Domain: domain}, hosts} }
	for _, c := range []struct {
		name string
		a, b used
		want bool
	}{
		{"any host", of(""), of("", "a.example"), true},
		{"the same", of("", "A.example"), of("", "b.example", "a.example"), true},
		{"two hosts", of("", "a.example"), of("", "b.example"), false},
		{"a wildcard", of("", "*.example"), of("", "a.example"), true},
		{"a wildcard is one label", of("", "*.example"), of("", "a.b.example"), false},
		{"a repeated label", of("", "x.x.example"), of("", "x.y.example"), false},
		{"one domain", of("example.com", "a.example.com"), of("example.com", "b.example.com"), true},
		{"a host of the domain", of("example.com", "a.example.com"), of("", "b.example.com"), true},
		{"not of the domain", of("example.com", "a.example.com"), of("", "b.notexample.com"), false},
		{"a domain below", of("example.com", "a.example.com"), of("b.example.com", "c.b.example.com"), true},
	} {
		if got := c.a.meet(c.b); got != c.want || c.b.meet(c.a) != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
